/** Writes the reference: a page for each area, and one that lists all names. */
import type { Entry } from "./entry.ts"
import { pages, type PagePlan } from "./pages.ts"
import { code, table, Writer } from "./writer.ts"

type Entries = ReadonlyMap<string, Entry>
type Places = ReadonlyMap<string, string>

const mark = "<!-- Made by `npm run docs` from the docstrings in src: change those. -->"

const pageOf = (parts: ReadonlyArray<string>): string => `${parts.join("\n\n")}\n`

/** Where each name is told; headings that differ in case only are numbered, as they are where Markdown is shown. */
const placesIn = (entries: Entries): Places => {
  const places = new Map<string, string>()
  for (const { file, names } of pages) {
    const taken = new Map<string, number>()
    for (const name of names) {
      if (!entries.has(name)) throw new Error(`pages.ts names ${name}, which is not exported`)
      if (places.has(name)) throw new Error(`pages.ts names ${name} twice`)
      const slug = name.toLowerCase()
      const before = taken.get(slug) ?? 0
      taken.set(slug, before + 1)
      places.set(name, `${file}.md#${slug}${before === 0 ? "" : `-${before}`}`)
    }
  }
  const left = [...entries.keys()].filter((name) => !places.has(name))
  if (left.length > 0) throw new Error(`no page of docs/generate/pages.ts has ${left.join(", ")}`)
  return places
}

/** Where the names of a page are imported from. */
const fromOf = (names: ReadonlyArray<string>, entries: Entries): string => {
  const of = (entry: string): ReadonlyArray<string> =>
    names.filter((name) => entries.get(name)!.from.includes(entry))
  const text = (some: ReadonlyArray<string>): string => some.map((one) => `\`${one}\``).join(", ")
  if (of("arpeggio").length === 0) return "Import from `arpeggio/testing`."
  const contract = of("arpeggio/contract")
  const besides = names.filter((name) => !contract.includes(name))
  if (contract.length === 0) return "Import from `arpeggio`."
  if (besides.length === 0) return "Import from `arpeggio` or `arpeggio/contract`."
  const which =
    besides.length < contract.length ? `all but ${text(besides)}` : `of these, ${text(contract)}`
  return `Import from \`arpeggio\`; ${which} also from \`arpeggio/contract\`.`
}

const inherited = (entry: Entry, writer: Writer): ReadonlyArray<string> => {
  const parents = entry.extends.filter((parent) => parent !== "AsyncDisposable")
  const types = parents.map((parent) => writer.type(parent, entry)).join(", ")
  return [
    ...(parents.length === 0 ? [] : [`Has all of ${types}.`]),
    ...(parents.length < entry.extends.length ? ["Can be declared with `await using`."] : [])
  ]
}

const entryText = (entry: Entry, writer: Writer): ReadonlyArray<string> => {
  const { name, ways, shape, fields } = entry
  const methods = [...entry.statics, ...entry.methods]
  const signatures = [...ways, ...methods.flatMap((method) => method.ways)]
  return [
    `## \`${name}\``,
    ...(ways.length > 0 ? writer.ways(ways, entry) : writer.words(entry, entry)),
    ...(shape === "" ? [] : [code(shape)]),
    ...inherited(entry, writer),
    ...writer.fields(fields, entry),
    ...writer.choices(entry.choices, entry),
    ...writer.see(entry, [shape, ...signatures.map(({ signature }) => signature)]),
    ...writer.methods(methods, entry)
  ]
}

const briefText = (entry: Entry, writer: Writer): ReadonlyArray<string> => [
  `## \`${entry.name}\``,
  ...writer.words(entry, entry),
  ...(entry.shape === "" ? [] : [code(entry.shape)]),
  ...inherited(entry, writer),
  ...writer.fields(entry.fields, entry),
  ...writer.ways(
    entry.methods.flatMap(({ ways }) => ways),
    entry
  )
]

const areaText = (plan: PagePlan, entries: Entries, places: Places): string => {
  const { file, title, about, names, isBrief = false } = plan
  const writer = new Writer(file, places)
  const told = names.flatMap((name) =>
    (isBrief ? briefText : entryText)(entries.get(name)!, writer)
  )
  return pageOf([
    `# ${title}`,
    mark,
    about,
    fromOf(names, entries),
    writer.links(names, " · "),
    ...told,
    "[All names](README.md)"
  ])
}

/** What it is, in the first sentence. */
const firstOf = ({ text, ways }: Entry): string => {
  const whole = (text === "" ? (ways[0]?.text ?? "") : text).split("\n\n")[0]!
  const line = whole.replaceAll(/\s+/g, " ")
  return /^.*?\.(?= [A-Z`]|$)/.exec(line)?.[0] ?? line
}

const indexText = (entries: Entries, places: Places): string => {
  const writer = new Writer("README", places)
  const parts = pages.flatMap(({ file, title, names, isBrief = false }) => {
    const rows = names.map((name) => [writer.link(name), firstOf(entries.get(name)!)])
    const list = isBrief ? writer.links(names, " · ") : table(["name", "what it is"], rows)
    return [`## [${title}](${file}.md)`, list]
  })
  const about = `Every name that the package exports, with what its docstring says, which your editor shows, too. How to use them
together is in the guides, to which each page links; begin with the [README](../../README.md).

Signatures are shortened. What the compiler needs to word its errors is left out, and so is \`readonly\`, which every field
is. \`TypeOf\`, \`Decoded\`, \`Result\` and the like stand for what the compiler works out from the schemas, steps or members
it is given. A \`?\` behind a name says that it may be left out.

What needs nothing of Node, and can be part of a page in a browser, is listed in [\`arpeggio/contract\`](contract.md).`
  return pageOf(["# Reference", mark, about, ...parts])
}

const contractText = (entries: Entries, places: Places): string => {
  const writer = new Writer("contract", places)
  const parts = pages.flatMap(({ title, names }) => {
    const ours = names.filter((name) => entries.get(name)!.from.includes("arpeggio/contract"))
    return ours.length === 0 ? [] : [`## ${title}`, writer.links(ours, " · ")]
  })
  const about = `What can be said about tasks without doing any: contracts, composition, workflows as text, and the classes of
outcomes and errors. Nothing here needs Node; \`arpeggio\` has all of it, too. Guide: [contracts in a browser](../learn/browser.md).`
  return pageOf([
    "# Contracts alone: arpeggio/contract",
    mark,
    about,
    ...parts,
    "[All names](README.md)"
  ])
}

/** The pages of the reference by their names. */
export const render = (entries: Entries): ReadonlyMap<string, string> => {
  const places = placesIn(entries)
  return new Map([
    ["README.md", indexText(entries, places)],
    ...pages.map((plan) => [`${plan.file}.md`, areaText(plan, entries, places)] as const),
    ["contract.md", contractText(entries, places)]
  ])
}
