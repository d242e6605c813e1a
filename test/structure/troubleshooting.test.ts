/** Whatever error a user may meet has an entry in docs/operate/troubleshooting.md, and its entries are words of the code. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import * as arpeggio from "arpeggio"
import * as contract from "../../src/contract.ts"
import { crashNames } from "../../src/encode/crash-names.ts"
import { StopWord } from "../../src/define/errors.ts"
import { BrokerReason } from "../../src/broker/errors.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), "utf8")

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => read(`src/${file}`))

/** What stands in backticks in the first cells of the tables below a heading, or of all. */
const entries = (heading?: string): ReadonlyArray<string> =>
  read("docs/operate/troubleshooting.md")
    .split(/\n(?=## )/)
    .filter((section) => heading === undefined || section.startsWith(`## ${heading}\n`))
    .flatMap((section) => section.split("\n").filter((line) => line.startsWith("| `")))
    .flatMap((line) => [...line.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))

const isError = (value: unknown): boolean =>
  typeof value === "function" && value.prototype instanceof Error

test("every error that is exported has an entry", () => {
  const errors = Object.entries({ ...arpeggio, ...contract }).filter(([, value]) => isError(value))
  expect(errors.length).toBeGreaterThan(15)
  const page = read("docs/operate/troubleshooting.md")
  const known = entries()
  const own = ["BrokerError", "StepStopped"].filter((name) => page.includes(`a \`${name}\``))
  const missing = errors.map(([name]) => name).filter((name) => ![...known, ...own].includes(name))
  expect(missing).toEqual([])
})

test("every reason has an entry where it belongs", () => {
  const found = (heading: string) => new Set(entries(heading))
  const brokers = found("The program does not start, or loses the server")
  expect(BrokerReason.literals.filter((reason) => !brokers.has(reason))).toEqual([])
  const stops = found("Why a handler is told to stop")
  expect(StopWord.literals.filter((reason) => !stops.has(reason))).toEqual([])
  const crashes = found("A step that crashed with a name of Arpeggio's")
  expect(crashNames.filter((name) => !crashes.has(name))).toEqual([])
})

test("entries are words of the code", () => {
  const words = entries()
  expect(words.length).toBeGreaterThan(70)
  const unsaid = words.filter((some) => !sources.some((text) => text.includes(some)))
  expect(unsaid).toEqual([])
})

test("what the docs of TaskCrashed list are the names that there are", () => {
  const listed = read("src/result/errors.ts").split("export class TaskCrashed")[0]!
  const others = new Set(["ContractError", "NoStep"])
  const missing = crashNames.filter((name) => !others.has(name) && !listed.includes(name))
  expect(missing).toEqual([])
})
