/** A value that a schema does not allow: where in it, what was expected there, and what stood there instead. */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { received, shorten } from "./describe-value.ts"

/** What tells one: a codec may be of another copy of this package than its user. */
const mark = Symbol.for("arpeggio/misfit")

/** One place of a value, and what is wrong there. */
export interface Wrong {
  readonly path: string
  readonly expected: string
  readonly received: string
}

/** So many wrong places are told; the others are counted. */
const told = 5

/** Thrown by a value codec; its user adds the task and says what to do. */
export class Misfit extends Error implements Wrong {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && mark in value
  }

  readonly [mark] = true
  override readonly name = "Misfit"
  readonly path: string
  readonly expected: string
  readonly received: string
  /** What else is wrong, elsewhere in the value; a handful at most. */
  readonly others: ReadonlyArray<Wrong>
  /** How many places are wrong besides these. */
  readonly more: number
  constructor(path: string, expected: string, received: string, also: Also = {}) {
    super(wordsOf({ path: path === "" ? "the value" : path, expected, received }))
    this.path = path
    this.expected = expected
    this.received = received
    this.others = also.others ?? []
    this.more = also.more ?? 0
  }

  /** The same where the value stands at a place inside of another. */
  at(place: string): Misfit {
    const others = this.others.map((other) => ({ ...other, path: `${place}${other.path}` }))
    const also = { others, more: this.more }
    return new Misfit(`${place}${this.path}`, this.expected, this.received, also)
  }

  /** What else is wrong in a value that stands at this place, as a sentence behind the one on the first; "" where nothing is. */
  alsoAt(place: string): string {
    if (this.others.length === 0) return ""
    const words = this.others.map((other) => wordsOf({ ...other, path: `${place}${other.path}` }))
    return ` Also ${words.join("; ")}${this.more === 0 ? "" : `; and ${this.more} more`}.`
  }
}

interface Also {
  readonly others?: ReadonlyArray<Wrong>
  readonly more?: number
}

const wordsOf = ({ path, expected, received }: Wrong): string =>
  `${path} should be ${expected}, but is ${received}`

/** How a place inside a value is written, for example `.user.tags[0]`. */
export const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`
      const name = String(key)
      return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(shorten(name))}]`
    })
    .join("")

/** Stands for what is not there, where another library says that it is missing. */
export const absent: unique symbol = Symbol("missing")

interface Place {
  readonly path: ReadonlyArray<PropertyKey>
  readonly leaf: SchemaIssue.Issue
  /** The whole filter when a check failed, so that its own words are used. */
  readonly worded: SchemaIssue.Issue
}

/** Goes down to the first thing that is wrong. */
export const firstPlace = (issue: SchemaIssue.Issue): Place => {
  const path: Array<PropertyKey> = []
  let worded: SchemaIssue.Issue | undefined
  let at = issue
  for (;;) {
    if (at._tag === "Pointer") path.push(...at.path)
    if (at._tag === "Filter") worded ??= at
    if (at._tag === "Pointer" || at._tag === "Filter" || at._tag === "Encoding") at = at.issue
    else if (at._tag === "Composite") at = at.issues[0]
    else if (at._tag === "AnyOf" && at.issues.length === 1) at = at.issues[0]!
    else return { path, leaf: at, worded: worded ?? at }
  }
}

/** Goes down to everything that is wrong, in order. */
const placesIn = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey> = [],
  worded?: SchemaIssue.Issue
): ReadonlyArray<Place> => {
  switch (issue._tag) {
    case "Pointer":
      return placesIn(issue.issue, [...path, ...issue.path], worded)
    case "Filter":
      return placesIn(issue.issue, path, worded ?? issue)
    case "Encoding":
      return placesIn(issue.issue, path, worded)
    case "Composite":
      return issue.issues.flatMap((each) => placesIn(each, path, worded))
    case "AnyOf":
      if (issue.issues.length === 1) return placesIn(issue.issues[0]!, path, worded)
      break
  }
  return [{ path, leaf: issue, worded: worded ?? issue }]
}

const format = SchemaIssue.makeFormatterDefault()

/**
 * Says what is wrong. `issue` holds no inputs, so that it formats to what was expected alone; `reported` is the same
 * with them.
 */
export const misfitOf = (issue: SchemaIssue.Issue, reported: SchemaIssue.Issue): Misfit => {
  const inputs = placesIn(reported)
  const wrong: Array<Wrong> = []
  const seen = new Set<string>()
  for (const [at, place] of placesIn(issue).entries()) {
    const where = pathText(place.path)
    // Of several things at one place the first is told.
    if (seen.has(where)) continue
    seen.add(where)
    if (wrong.length < told) wrong.push(wrongAt(place, inputs[at]?.leaf ?? place.leaf))
  }
  const [{ path, expected, received }, ...others] = wrong as [Wrong, ...Array<Wrong>]
  return new Misfit(path, expected, received, { others, more: seen.size - wrong.length })
}

/** What is wrong at a place; `found` is its leaf with the input. */
const wrongAt = ({ path, leaf, worded }: Place, found: SchemaIssue.Issue): Wrong => {
  const text = format(worded).split("\n")[0]!
  const missing = leaf._tag === "MissingKey"
  const expected = missing
    ? "present"
    : text.startsWith("Expected ")
      ? text.slice("Expected ".length)
      : `valid (${text})`
  const shown = missing
    ? "missing"
    : SchemaIssue.hasInput(found)
      ? found.input === absent
        ? "missing"
        : received(found.input)
      : "something else"
  const odd = expected === "JSON value" && SchemaIssue.hasInput(found) ? oddIn(found.input) : []
  return odd.length === 0
    ? { path: pathText(path), expected: shorten(expected), received: shown }
    : {
        path: pathText([...path, ...odd.map(({ key }) => key)]),
        expected,
        received: odd.at(-1)!.shown
      }
}

interface Step {
  readonly key: string | number
  readonly shown: string
}

const isJson = Schema.is(Schema.Json)

/** The way to what is no JSON inside of what is not, if it is not the whole. `above` holds what is being looked at. */
const oddIn = (
  value: unknown,
  above: ReadonlyArray<unknown> = [],
  sound: Set<unknown> = new Set()
): ReadonlyArray<Step> => {
  if (!isPlain(value) || sound.has(value)) return []
  const within = [...above, value]
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const item = (value as { readonly [key: PropertyKey]: unknown })[key]
    if (within.includes(item)) return [{ key, shown: "something that contains it" }]
    const step = { key, shown: key in value ? received(item) : "a hole in the list" }
    const inside = oddIn(item, within, sound)
    if (inside.length > 0) return [step, ...inside]
    if (!isPlain(item) && !isJson(item)) return [step]
  }
  sound.add(value)
  return []
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === "object" &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as null))
