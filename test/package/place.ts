/** Folders for projects and tools, all of them below one that is removed at the end. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { run, skip } from "./steps.ts"

/** Of the repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url))

/** A program of the repository's own. */
export const bin = (name: string): string => join(root, "node_modules/.bin", name)

const folder = mkdtempSync(join(tmpdir(), "arpeggio-package-"))

export const removeAll = (): void => rmSync(folder, { recursive: true, force: true })

/** Packs the library. */
export const pack = async (): Promise<string> => {
  await run("npm", ["pack", "--pack-destination", folder], root)
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(".tgz"))!
  )
}

export type Files = { readonly [path: string]: string | object }

/** A project of these files; what is no text is written as JSON. */
export const project = (name: string, files: Files): string => {
  const place = join(folder, name)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    const text =
      typeof content === "string" ? content : `${JSON.stringify(content, undefined, 2)}\n`
    writeFileSync(join(place, path), text)
  }
  return place
}

/** The three files of the README. */
export const readme = (): Files => {
  const example = (file: string): string =>
    readFileSync(join(root, "examples/01-hello", file), "utf8").replaceAll(
      "../../workflows",
      "./workflows"
    )
  return {
    "workflows/math.ts": readFileSync(join(root, "workflows/math.ts"), "utf8"),
    "worker.ts": example("worker.ts"),
    "client.ts": example("client.ts")
  }
}

/** Another project with what was installed into the first. */
export const likewise = (from: string, name: string, files: Files): string => {
  const place = project(name, files)
  cpSync(join(from, "node_modules"), join(place, "node_modules"), {
    recursive: true,
    verbatimSymlinks: true
  })
  return place
}

export const install = (place: string, words: ReadonlyArray<string>): Promise<string> =>
  run("npm", ["install", "--no-audit", "--no-fund", ...words], place)

/** A program that is not installed with everybody's development packages: fetched for this once, or skipped with the reason. */
export const tool = async (
  specifier: string,
  file: string,
  ...more: ReadonlyArray<string>
): Promise<string | undefined> => {
  const place = project(`tool-${specifier.replaceAll(/\W/g, "-")}`, { "package.json": {} })
  try {
    await install(place, [specifier, ...more])
    const program = join(place, "node_modules", file)
    if (!existsSync(program)) throw new Error(`npm left no ${file}`)
    await run(program, ["--version"], place)
    return program
  } catch (cause) {
    const lines = (cause as Error).message.split("\n")
    const telling = lines.find((line) => /error code|not found|no /i.test(line)) ?? lines[0]!
    skip(specifier, telling.slice(0, 200))
    return undefined
  }
}
