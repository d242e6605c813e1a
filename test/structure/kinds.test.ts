/** The kinds of records stand in one table: their tokens never change, the rest of the code knows their names, and the page on the engine tells of each. */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { collected, isKind, kinds } from "../../src/encode/kinds.ts"
import {
  parseSubject,
  recordSubject,
  runFilter,
  streamSubjects
} from "../../src/encode/subjects.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const source = join(root, "src")
const tokens = Object.values(kinds)

test("tokens stay what they are", () => {
  expect(kinds).toEqual({
    call: "t",
    runOutcome: "r",
    keptValue: "vr",
    attempt: "a",
    value: "v",
    outcome: "i",
    frame: "g",
    key: "k",
    timer: "s",
    deadLetter: "dl",
    schedule: "c",
    scheduleGroup: "cg",
    ballast: "b",
    turn: "x"
  })
  expect(new Set(tokens).size).toBe(tokens.length)
})

test("what is collected, and in which order", () => {
  expect(collected).toEqual(["a", "v", "i", "g"])
})

test("a record of every kind is one of the stream's, and found by its run", () => {
  const address = { owner: "app", instance: "one", run: "0123456789" }
  for (const kind of tokens) {
    if (kind === kinds.call) continue
    const subject = recordSubject("shop", kind, address, "1", "_")
    expect(subject.split(".")).toHaveLength(streamSubjects("shop").split(".").length)
    expect(parseSubject(subject)).toMatchObject({ kind, ...address, node: "1", index: "_" })
    const filter = runFilter("shop", kind, address).replaceAll(".", "\\.").replaceAll("*", "[^.]+")
    expect(subject).toMatch(new RegExp(`^${filter}$`))
    expect(isKind(kind)).toBe(true)
  }
  expect(isKind("z")).toBe(false)
})

/** Where a kind is asked for or compared, and what is given there is a text. */
const spelled =
  /\b(?:recordSubject|runFilter)\([^()]*,\s*"[a-z]+"|\bkind(?:: | [!=]== )"[a-z]{1,2}"|\$\{namespace\}\.[a-z]+\./g

test("nobody else spells them", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  const found = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      [...readFileSync(join(source, file), "utf8").matchAll(spelled)].map(
        ([text]) => `${relative(source, join(source, file))}: ${text}`
      )
    )
    .filter((text) => !/, "(?:start|body)"$/.test(text))
  expect(found).toEqual([])
})

test("the page on the engine tells of each", () => {
  const [, records] = readFileSync(join(root, "docs/design/engine.md"), "utf8").split(
    "## Records\n"
  )
  const told = [...records!.split("\n## ")[0]!.matchAll(/^\| `([a-z]+)` \|/gm)].map(
    ([, kind]) => kind
  )
  expect(told.toSorted()).toEqual(tokens.toSorted())
})
