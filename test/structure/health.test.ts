/** What docs/operate/health.md says that health can name, and the tests under test/health that make it appear and go, are the same. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const folderOf = (name: string): string => fileURLToPath(new URL(`../${name}/`, import.meta.url))
const page = readFileSync(
  fileURLToPath(new URL("../../docs/operate/health.md", import.meta.url)),
  "utf8"
)

/** The first cells of the table below a heading. */
const namesUnder = (heading: string): ReadonlyArray<string> => {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? ""
  const rows = section.split("\n").filter((line) => line.startsWith("|"))
  return rows.slice(2).map((row) => row.split("|")[1]!.trim())
}

interface HealthTest {
  readonly name: string
  readonly file: string
  readonly text: string
}

/** What stands at the beginning of a line is a test, or several of one name. */
const testsOf = (folder: string, file: string): ReadonlyArray<HealthTest> => {
  const text = readFileSync(folder + file, "utf8")
  const begins = [...text.matchAll(/^(?:test|describe)(?:\.\w+\([^)]*\))?\(\s*"([^"]+)"/gm)]
  return begins.map((begin, at) => ({
    name: begin[1]!,
    file,
    text: text.slice(begin.index, begins[at + 1]?.index)
  }))
}

const problems = namesUnder("Problems, and what they mean")
const notes = namesUnder("Notes, and what they mean")
const testsIn = (name: string): ReadonlyArray<HealthTest> =>
  readdirSync(folderOf(name))
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) => testsOf(folderOf(name), file))

// What takes three servers is with the others that do.
const tests = [
  ...testsIn("health"),
  ...testsIn("cluster").filter(({ name }) => [...problems, ...notes].includes(name))
]

test("each problem and each note of the page has one test of its name, and each test is a row of it", () => {
  expect(problems.length * notes.length).toBeGreaterThan(0)
  expect(tests.map(({ name }) => name).toSorted()).toEqual([...problems, ...notes].toSorted())
})

test("each of these tests sees it appear, and sees it go", () => {
  const without = tests.filter(({ name, text }) => {
    const seen = problems.includes(name) ? "await appears(" : "await isNoted("
    return !text.includes(seen) || !text.includes("await goes(")
  })
  expect(without.map(({ file, name }) => `${file}: ${name}`)).toEqual([])
})
