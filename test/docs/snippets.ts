/** The code blocks of Markdown pages, written out as files that can be type-checked. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "../examples/program.ts"

export interface Snippet {
  readonly page: string
  /** Of its first line, in the page. */
  readonly line: number
  /** What stands behind the opening fence, for example `ts` or `ts refused`. */
  readonly language: string
  /** From a first line such as `// worker.ts: who does it`. */
  readonly file: string | undefined
  readonly text: string
}

/** The code blocks of a page. */
export const snippetsOf = (page: string): ReadonlyArray<Snippet> => {
  const found: Array<Snippet> = []
  let block: { readonly language: string; readonly line: number; lines: Array<string> } | undefined
  for (const [at, line] of readFileSync(join(root, page), "utf8").split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) {
      block?.lines.push(line)
    } else if (block === undefined) {
      block = { language: fence[1]!, line: at + 2, lines: [] }
    } else {
      const { language, line: first, lines } = block
      const file = /^\/\/ ([\w./-]+\.ts)\b/.exec(lines[0] ?? "")?.[1]
      found.push({ page, line: first, language, file, text: `${lines.join("\n")}\n` })
      block = undefined
    }
  }
  if (block !== undefined) throw new Error(`${page}: the code block at ${block.line} has no end`)
  return found
}

/** A snippet without the comment that names its file. */
export const codeOf = (snippet: Snippet): string =>
  snippet.file === undefined ? snippet.text : snippet.text.slice(snippet.text.indexOf("\n") + 1)

/** Writes a page's TypeScript blocks into a directory in which they find the workflows that they import. */
export const writeSnippets = (page: string, directory: string): void => {
  mkdirSync(directory, { recursive: true })
  cpSync(join(root, "workflows"), join(directory, "workflows"), { recursive: true })
  for (const { language, line, file, text } of snippetsOf(page)) {
    if (language !== "ts" && language !== "ts refused") continue
    const path = join(directory, file ?? `line-${line}.ts`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
