/** One page's words, with links to the names in them. */
import type { Choices, Entry, Field, Method, Way, Words } from "./entry.ts"

/** Whose words they are: its own name is no link, nor are the types that it is given. */
export type Self = Pick<Entry, "name" | "parameters">

export const code = (text: string): string => `\`\`\`typescript\n${text}\n\`\`\``

/** The cells of a table, which end where a bar stands. */
const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|")

export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): string =>
  [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n")

export class Writer {
  readonly #page: string
  readonly #places: ReadonlyMap<string, string>

  /** `places` has the address of each name: a page, and a heading there. */
  constructor(page: string, places: ReadonlyMap<string, string>) {
    this.#page = page
    this.#places = places
  }

  link(name: string): string {
    const place = this.#places.get(name)!
    const own = `${this.#page}.md`
    return `[\`${name}\`](${place.startsWith(own) ? place.slice(own.length) : place})`
  }

  links(names: ReadonlyArray<string>, between = ", "): string {
    return names.map((name) => this.link(name)).join(between)
  }

  /** `Run` is a link where that is a name; only those with a capital, as `task` may be anything. */
  linked(text: string, self: Self): string {
    return text
      .replaceAll(/`([A-Z]\w+)`/g, (code, name: string) =>
        this.#isOther(name, self) ? this.link(name) : code
      )
      .replaceAll(/\bdocs\/((?:operate|learn|design)\/[\w-]+\.md)/g, "[$1](../$1)")
  }

  /** A type whose names are links. */
  type(text: string, self: Self): string {
    return text
      .split(/("[^"]*"|\b[A-Z]\w+\b)/)
      .filter((part) => part !== "")
      .map((part) => (this.#isOther(part, self) ? this.link(part) : `\`${part}\``))
      .join("")
      .replaceAll("``", "")
  }

  /** The names in signatures that are told elsewhere. */
  see(self: Self, signatures: ReadonlyArray<string>): ReadonlyArray<string> {
    const names = signatures.flatMap((text) => text.match(/\b[A-Z]\w+\b/g) ?? [])
    const others = [...new Set(names)].filter((name) => this.#isOther(name, self))
    return others.length === 0 ? [] : [`Types: ${this.links(others)}.`]
  }

  words({ text, remedy, examples }: Words, self: Self): ReadonlyArray<string> {
    return [
      ...(text === "" ? [] : [this.linked(text, self)]),
      ...(remedy === "" ? [] : [`**What to do.** ${this.linked(remedy, self)}`]),
      ...examples.map(code)
    ]
  }

  ways(ways: ReadonlyArray<Way>, self: Self): ReadonlyArray<string> {
    return ways.flatMap((way) => [code(way.signature)].concat(this.words(way, self)))
  }

  methods(methods: ReadonlyArray<Method>, self: Self): ReadonlyArray<string> {
    return methods.flatMap(({ name, ways }) => [`### \`${name}\``].concat(this.ways(ways, self)))
  }

  fields(fields: ReadonlyArray<Field>, self: Self): ReadonlyArray<string> {
    if (fields.length === 0) return []
    const rows = fields.map(({ name, type, text }) => [
      `\`${name}\``,
      this.type(type, self),
      this.linked(text, self)
    ])
    return [table(["field", "type", "what it is"], rows)]
  }

  /** What each word that a field may have means, and what to do about it. */
  choices(all: ReadonlyArray<Choices>, self: Self): ReadonlyArray<string> {
    return all.map(({ field, choices }) =>
      table(
        [`\`${field}\``, "what happened", "what to do"],
        choices.map(({ name, text, remedy }) => [
          `\`"${name}"\``,
          this.linked(text, self),
          this.linked(remedy, self)
        ])
      )
    )
  }

  #isOther(name: string, self: Self): boolean {
    return name !== self.name && !self.parameters.includes(name) && this.#places.has(name)
  }
}
