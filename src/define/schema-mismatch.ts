/** A value that a schema does not allow: where in it, what was expected there, and what stood there instead. */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { received, shorten } from "./describe-value.ts"

/** What tells one: a codec may be of another copy of this package than its user. */
const mark = Symbol.for("arpeggio/misfit")

/** Thrown by a value codec; its user adds the task and says what to do. */
export class Misfit extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && mark in value
  }

  readonly [mark] = true
  override readonly name = "Misfit"
  readonly path: string
  readonly expected: string
  readonly received: string
  constructor(path: string, expected: string, received: string) {
    super(`${path === "" ? "the value" : path} should be ${expected}, but is ${received}`)
    this.path = path
    this.expected = expected
    this.received = received
  }
}

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

const format = SchemaIssue.makeFormatterDefault()

/**
 * Says what is wrong. `issue` holds no inputs, so that it formats to what was expected alone; `reported` is the same
 * with them.
 */
export const misfitOf = (issue: SchemaIssue.Issue, reported: SchemaIssue.Issue): Misfit => {
  const { path, leaf, worded } = firstPlace(issue)
  const text = format(worded).split("\n")[0]!
  const missing = leaf._tag === "MissingKey"
  const expected = missing
    ? "present"
    : text.startsWith("Expected ")
      ? text.slice("Expected ".length)
      : `valid (${text})`
  const found = firstPlace(reported).leaf
  const shown = missing
    ? "missing"
    : SchemaIssue.hasInput(found)
      ? found.input === absent
        ? "missing"
        : received(found.input)
      : "something else"
  const odd = expected === "JSON value" && SchemaIssue.hasInput(found) ? oddIn(found.input) : []
  return odd.length === 0
    ? new Misfit(pathText(path), shorten(expected), shown)
    : new Misfit(pathText([...path, ...odd.map(({ key }) => key)]), expected, odd.at(-1)!.shown)
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
