/** What runs this process. Bun and Deno call themselves a Node, too. */
const { bun, deno, node } = process.versions

/** Name and version, as a bug report needs them. */
export const runtime =
  bun !== undefined ? `bun ${bun}` : deno !== undefined ? `deno ${deno}` : `node ${node}`

/** Whether it tells of all that a program sets going. The others have the same functions, which are silent, or tell of a part. */
export const tellsAll: boolean = runtime.startsWith("node ")
