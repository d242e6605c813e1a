/** Programs that import the package load nothing of the command line, and help loads nothing of the library. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { bundle } from "../../esbuild.config.ts"

type Outputs = Awaited<ReturnType<typeof bundle>>["metafile"]["outputs"]

let outputs: Outputs
const folder = mkdtempSync(join(tmpdir(), "arpeggio-apart-"))

beforeAll(async () => {
  outputs = (await bundle(folder)).metafile.outputs
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const named = (end: string): string => Object.keys(outputs).find((file) => file.endsWith(end))!

/** The sources and packages that a file needs, with those that it asks for later where `later` says so. */
const neededBy = (end: string, later: boolean): ReadonlySet<string> => {
  const seen = new Set<string>()
  const needed = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const { inputs, imports } = outputs[file]!
    for (const input of Object.keys(inputs)) needed.add(input)
    for (const { path, kind, external } of imports) {
      if (external === true) needed.add(path)
      else if (later || kind !== "dynamic-import") visit(path)
    }
  }
  visit(named(end))
  return needed
}

const ofCommandLine = (needed: ReadonlySet<string>): ReadonlyArray<string> =>
  [...needed].filter((input) => input.includes("src/cli/") || input === "commander")

it.each(["/index.js", "/contract.js", "/testing/index.js", "/lint/index.js"])(
  "%s has nothing of it",
  (entry) => {
    const file = entry === "/index.js" ? `${folder.split("/").at(-1)}/index.js` : entry
    expect(neededBy(file, true).size).toBeGreaterThan(1)
    expect(ofCommandLine(neededBy(file, true))).toEqual([])
  }
)

it("help and mistakes are answered without the library", () => {
  const main = Object.keys(outputs).find((file) => /\/main-\w+\.js$/.test(file))!
  const needed = [...neededBy(main, false)]
  expect(needed).toContain("commander")
  expect(needed.filter((input) => /^effect|^@nats-io/.test(input))).toEqual([])
})
