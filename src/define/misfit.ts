/** A value that a schema does not allow: where in it, what was expected there, and what stood there instead. */
import * as SchemaIssue from "effect/SchemaIssue"
import { received, shorten } from "./received.ts"

/** Thrown by a value codec; its user adds the task and says what to do. */
export class Misfit extends Error {
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
      ? received(found.input)
      : "something else"
  return new Misfit(pathText(path), shorten(expected), shown)
}
