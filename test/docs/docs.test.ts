/** Every TypeScript block in the README and the docs compiles; one marked `ts refused` gives the error shown below it. */
import { spawnSync } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compilers, type Compiler } from "../types/compiler.ts"
import { errorsIn } from "../types/parsed-once.ts"
import { outputOf, prepare, root } from "../examples/program.ts"
import { anchorsOf, linksOf } from "./links.ts"
import { type Snippet, snippetsOf, writeSnippets } from "./snippets.ts"

const pages = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "bench/README.md",
  "bench/results/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`)
]
const snippets = pages.flatMap(snippetsOf)
const folderOf = (page: string): string => page.replaceAll(/\W/g, "-")

/** Inside the repository, so that packages and the paths of tsconfig.json are found. */
let directory: string
const errors = new Map<Compiler, ReadonlyArray<string>>()

const printedBy = (compiler: Compiler): string => {
  if (compiler === "typescript-5.9") return errorsIn(join(directory, "tsconfig.json"), directory)
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, `node_modules/${compiler}/bin/tsc`), "-p", directory, "--pretty", "false"],
    { cwd: directory, encoding: "utf8" }
  )
  return `${stdout}${stderr}`
}

beforeAll(() => {
  mkdirSync(join(root, ".tmp"), { recursive: true })
  directory = mkdtempSync(join(root, ".tmp/docs-"))
  for (const page of pages) writeSnippets(page, join(directory, folderOf(page)))
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.json",
      // A snippet shows a name without using it.
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["**/*.ts"],
      exclude: []
    })
  )
  // The one name that pages use without saying where it is from.
  writeFileSync(join(directory, "app.d.ts"), `declare const app: import("arpeggio").App\n`)
  for (const compiler of compilers) {
    errors.set(
      compiler,
      printedBy(compiler)
        .split("\n")
        .filter((line) => line !== "")
    )
  }
}, 180_000)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

it("finds the blocks", () => {
  expect(snippets.filter(({ language }) => language === "ts").length).toBeGreaterThan(20)
})

const refused = snippets.filter(({ language }) => language === "ts refused")
const isExpected = (error: string): boolean =>
  refused.some(({ page, file, line }) =>
    error.startsWith(`${folderOf(page)}/${file ?? `line-${line}.ts`}(`)
  )

/** Each error with the lines that explain it, which are indented. */
const whole = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.join("\n").split(/\n(?! )/)

it.each(compilers)("%s compiles every block", (compiler) => {
  const found = whole(errors.get(compiler)!).filter(
    (error) => error !== "" && !isExpected(error) && !error.startsWith("../../src")
  )
  expect(found).toEqual([])
})

describe.each(compilers)("%s", (compiler) => {
  it.each(refused)("refuses $page: $file with the error shown", ({ page, file, line, text }) => {
    expect(text).not.toBe("")
    const prefix = `${folderOf(page)}/`
    const own = whole(errors.get(compiler)!)
      .filter((error) => error.startsWith(`${prefix}${file ?? `line-${line}.ts`}(`))
      .map((error) => error.slice(prefix.length))
    const shown = snippetsOf(page).find((other) => other.line > line)
    expect(`${own.join("\n")}\n`).toBe(shown?.text)
  })
})

const asserting = snippets.filter(({ text }) => text.startsWith("import assert from"))

describe("blocks that assert", () => {
  const pathOf = ({ page, line }: Snippet): string =>
    join(directory, folderOf(page), `line-${line}.ts`).slice(root.length)

  beforeAll(() => prepare(asserting.map(pathOf)))

  it.each(asserting)("$page, line $line, holds", async (snippet) => {
    expect(await outputOf(pathOf(snippet), process.env)).toBe("")
  })
})

it("names only scripts that there are", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: object
  }
  for (const page of pages) {
    for (const [, script] of readFileSync(join(root, page), "utf8").matchAll(
      /npm run ([\w:-]+)/g
    )) {
      expect(scripts, `${page} names npm run ${script}`).toHaveProperty([script!])
    }
  }
})

it("links to files that exist and are packed, and to headings that they have", () => {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly files: ReadonlyArray<string>
  }
  const packed = [...files, "README.md", "LICENSE"]
  for (const page of pages) {
    for (const { target, anchor } of linksOf(page)) {
      expect(existsSync(join(root, target)), `${page} links to ${target}`).toBe(true)
      const isPacked = packed.some((name) => target === name || target.startsWith(`${name}/`))
      expect(isPacked, `${page} links to ${target}, which the package does not have`).toBe(true)
      if (anchor === undefined) continue
      expect(anchorsOf(target), `${page} links to ${target}#${anchor}`).toContain(anchor)
    }
  }
})
