/** The pages of docs/reference are what the docstrings say, and every name has one that stands by itself. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { crashNames } from "../../src/encode/crash-names.ts"
import { BrokerReason } from "../../src/broker/errors.ts"
import { StopWord } from "../../src/define/errors.ts"
import type { Entry, Words } from "../../docs/generate/entry.ts"
import { pages } from "../../docs/generate/pages.ts"
import { read } from "../../docs/generate/read.ts"
import { render } from "../../docs/generate/render.ts"
import { root } from "../examples/program.ts"

const folder = join(root, "docs/reference")

let entries: ReadonlyMap<string, Entry>
let made: ReadonlyMap<string, string>

beforeAll(() => {
  entries = read(root.replace(/\/$/, ""))
  made = render(entries)
}, 60_000)

it("is what the docstrings say: otherwise, npm run docs", () => {
  const there = readdirSync(folder).map(
    (name) => [name, readFileSync(join(folder, name), "utf8")] as const
  )
  expect(new Map(there), "npm run docs").toEqual(made)
})

/** Places in a page, as they are linked to. */
const placesIn = (text: string): ReadonlySet<string> => {
  const taken = new Map<string, number>()
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => {
    const slug = heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-")
    const before = taken.get(slug) ?? 0
    taken.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
  return new Set(headings)
}

it("links to headings that there are", () => {
  const links = [...made].flatMap(([page, text]) =>
    [...text.matchAll(/\]\(([\w-]+\.md)?#([\w-]+)\)/g)].map(
      ([, file = page, heading]) => [page, file, heading!] as const
    )
  )
  expect(links.length).toBeGreaterThan(500)
  const wrong = links.filter(([, file, heading]) => !placesIn(made.get(file) ?? "").has(heading))
  expect(wrong).toEqual([])
})

const isSentence = ({ text }: Pick<Words, "text">): boolean =>
  /^[A-Z`"-].{8,}[.:]$/s.test(text) && !/^(?:The same|As above)\b/.test(text)

describe("every name", () => {
  it("has a docstring that says something without its neighbour's", () => {
    const without = [...entries.values()].filter((entry) => {
      const words = entry.text === "" ? (entry.ways[0] ?? entry) : entry
      return !isSentence(words)
    })
    expect(without.map(({ name }) => name)).toEqual([])
  })

  it("that is written by hand has one on all that it holds", () => {
    const names = pages.filter(({ isBrief }) => isBrief !== true).flatMap((page) => page.names)
    const without = names.flatMap((name) => {
      const { fields, methods, statics } = entries.get(name)!
      const untold = fields.filter((field) => field.name !== "_tag" && field.text === "")
      const silent = [...methods, ...statics].filter(({ ways }) =>
        ways.some(({ text }) => text === "")
      )
      return [...untold, ...silent].map((member) => `${name}: ${member.name}`)
    })
    expect(without).toEqual([])
  })

  it("of an error says what to do, and so does every word that a field of it may have", () => {
    const errors = [...entries.values()].filter(({ isError }) => isError)
    expect(errors.length).toBeGreaterThan(15)
    const silent = errors.filter(({ remedy }) => !isSentence({ text: remedy }))
    expect(silent.map(({ name }) => name)).toEqual([])
    const words = errors.flatMap(({ name, choices }) =>
      choices.flatMap((one) => one.choices.map((choice) => ({ error: name, ...choice })))
    )
    const known = [...BrokerReason.literals, ...StopWord.literals, ...crashNames]
    expect(words.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
    const untold = words.filter(({ text, remedy }) => !isSentence({ text }) || remedy === "")
    expect(untold.map(({ error, name }) => `${error}: ${name}`)).toEqual([])
  })

  it("that is an error is on the page of errors", () => {
    const there = pages.find(({ file }) => file === "errors")!.names
    const elsewhere = [...entries.values()].filter(
      ({ isError, name }) => isError && !there.includes(name)
    )
    expect(elsewhere.map(({ name }) => name)).toEqual([])
  })

  it("that is a function has an example", () => {
    const functions = [...entries.values()].filter(({ kind }) => kind === "function")
    expect(functions.length).toBeGreaterThan(20)
    const without = functions.filter(({ ways }) =>
      ways.every(({ examples }) => examples.length === 0)
    )
    expect(without.map(({ name }) => name)).toEqual([])
  })
})
