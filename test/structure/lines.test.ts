/** What docs/operate/lines.md says that is printed, and what is printed, are the same. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), "utf8")

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: read(`src/${file}`) }))

/** The words in the first cells of all tables. */
const words = read("docs/operate/lines.md")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .flatMap((line) => [...line.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))

/** Up to where something else is put in. */
const literal = /(?:[pP]rint|[sS]ay|[tT]ell|writeError)\(\s*(`(?:\\`|[^`])*|"[^"]*)/g

/** Those of one word stand in many a line. */
const telling = words.filter((some) => some.includes(" "))

/** Words with … between them stand in one line, with something else between. */
const isIn = (text: string, some: string): boolean =>
  some.split("…").every((part) => text.includes(part))

/** What is left of a line without what is put in: little where it is made elsewhere. */
const own = (line: string): string =>
  line.replace(/^arpeggio: /, "").replaceAll(/\$\{[^}]*\}?/g, "")

test("the page names only what is printed", () => {
  expect(words.length).toBeGreaterThan(50)
  const unsaid = words.filter((some) => !sources.some(({ text }) => isIn(text, some)))
  expect(unsaid).toEqual([])
})

test("what is printed is on the page", () => {
  const printed = sources
    .flatMap(({ file, text }) =>
      [...text.matchAll(literal)].map(([, line]) => ({ file, line: line!.slice(1) }))
    )
    .filter(({ line }) => own(line).length > 20)
  expect(printed.length).toBeGreaterThan(30)
  const unknown = printed.filter(({ line }) => !telling.some((some) => isIn(line, some)))
  expect(unknown).toEqual([])
})
