/** Puts whatever a handler threw into words that travel: bounded in depth, number and length, whatever it is. */
import * as Cause from "effect/Cause"
import { types } from "node:util"
import { inWords } from "../define/duration.ts"
import { deepestCause, type Thrown } from "../encode/thrown.ts"
import { jsonLike, read, unreadable } from "./json-like.ts"

/** The longest words and stack of what was thrown, and of what caused it. */
const longest = { message: 16_000, stack: 4_000, innerMessage: 2_000, innerStack: 2_000 } as const

/** How many causes and errors are carried in all, of one list, and how many characters they may have together. */
const most = { all: 24, list: 10, characters: 40_000 } as const

/** What was thrown; `besides` failed at the same time. */
export const thrownOf = (value: unknown, besides: ReadonlyArray<unknown> = []): Thrown => {
  const thrown = new Describing().describe(value, 0, besides)
  return thrown ?? { name: "Thrown", message: "something that cannot be put into words" }
}

/** An error as it is before it is put into words. */
interface Raw {
  readonly name: string
  readonly message: string
  readonly stack?: unknown
  readonly code?: unknown
  readonly cause?: unknown
  readonly errors: ReadonlyArray<unknown>
}

class Describing {
  #left: number = most.all
  #characters: number = most.characters
  /** Causes can go round in a circle. */
  readonly #seen = new Set<unknown>()

  describe(value: unknown, depth: number, besides: ReadonlyArray<unknown>): Thrown | undefined {
    if (depth > deepestCause || this.#left <= 0 || this.#seen.has(value)) return undefined
    this.#left -= 1
    if (typeof value === "object" && value !== null) this.#seen.add(value)
    const raw = rawOf(value)
    const { stack, code, cause } = raw
    const top = depth === 0
    const made: { -readonly [key in keyof Thrown]: Thrown[key] } = {
      name: this.#take(raw.name, 200),
      message: this.#take(raw.message, top ? longest.message : longest.innerMessage)
    }
    if (typeof stack === "string") {
      const kept = this.#take(stack, top ? longest.stack : longest.innerStack)
      if (kept !== "") made.stack = kept
    }
    if (typeof code === "string") made.code = this.#take(code, 200)
    else if (typeof code === "number" && Number.isFinite(code)) made.code = code
    const below =
      cause === undefined || cause === null ? undefined : this.describe(cause, depth + 1, [])
    if (below !== undefined) made.cause = below
    const errors = [...raw.errors, ...besides]
      .slice(0, most.list)
      .flatMap((error) => this.describe(error, depth + 1, []) ?? [])
    if (errors.length > 0) made.errors = errors
    return made
  }

  #take(text: string, atMost: number): string {
    const kept = text.slice(0, Math.min(atMost, this.#characters))
    this.#characters -= kept.length
    return kept
  }
}

const rawOf = (value: unknown): Raw => {
  if (typeof value !== "object" || value === null) {
    const text = typeof value === "string" ? value : jsonLike(value)
    return { name: "Thrown", message: text, errors: [] }
  }
  // Of a revoked proxy nothing can be asked, not even whether it is a list.
  return safely(() => rawIn(value)) ?? { name: "Thrown", message: jsonLike(value), errors: [] }
}

const rawIn = (value: object): Raw => {
  if (safely(() => Cause.isCause(value)) === true) return rawOfCause(value as Cause.Cause<unknown>)
  return isError(value) ? rawOfError(value) : rawOfObject(value)
}

/** What an Effect failed with: the first failure, with the others besides. */
const rawOfCause = (cause: Cause.Cause<unknown>): Raw => {
  const [first, ...besides] = failuresIn(cause)
  const raw = rawOf(first)
  return { ...raw, errors: [...raw.errors, ...besides] }
}

/** Everything that a cause holds, the one first that stands for it. */
export const failuresIn = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> => {
  const first = Cause.squash(cause)
  const all = cause.reasons.flatMap((reason): ReadonlyArray<unknown> => {
    if (reason._tag === "Fail") return [reason.error]
    return reason._tag === "Die" ? [reason.defect] : []
  })
  return [first, ...all.filter((failure) => !Object.is(failure, first))]
}

/** Also one of another realm, which is no instance of ours. */
const isError = (value: object): boolean =>
  safely(() => value instanceof Error) === true || types.isNativeError(value) || isDom(value)

const isDom = (value: object): boolean =>
  safely(() => Object.prototype.toString.call(value)) === "[object DOMException]"

const rawOfError = (value: object): Raw => {
  const message = read(value, "message")
  // The codes of DOM exceptions are numbers that nobody reads any more.
  const code = isDom(value) ? undefined : read(value, "code")
  const said =
    message === unreadable ? "its message cannot be read" : textOf(message ?? "", longest.message)
  return {
    name: nameIn(value) ?? "Error",
    message: said === "" ? fieldsOf(value) : said,
    stack: read(value, "stack"),
    code,
    cause: causeIn(value),
    errors: severalIn(value)
  }
}

const rawOfObject = (value: object): Raw => {
  const made = safely(() => (value.constructor as { readonly name?: unknown } | undefined)?.name)
  const className = typeof made === "string" && made !== "" && made !== "Object" ? made : undefined
  const message = outcomeWords(value) ?? read(value, "message")
  const worded = typeof message === "string" && message !== ""
  return {
    name: nameIn(value) ?? (Array.isArray(value) ? "Thrown" : (className ?? "Thrown")),
    message: worded ? message : (ownText(value) ?? jsonLike(value)),
    ...(worded ? { stack: read(value, "stack"), code: read(value, "code") } : {}),
    ...(worded ? { cause: causeIn(value), errors: severalIn(value) } : { errors: [] })
  }
}

/** The task whose outcome this is, where a handler throws on what `settle` has given it. */
export const settledTask = (value: object): string | undefined => {
  if (value instanceof Error) return undefined
  if (!["Crashed", "TimedOut"].includes(String(read(value, "_tag")))) return undefined
  const failure = read(value, "failure")
  const task = typeof failure === "object" && failure !== null ? read(failure, "task") : undefined
  return typeof task === "string" ? task : undefined
}

/** An outcome that is thrown on says in which task it happened. */
const outcomeWords = (value: object): string | undefined => {
  const task = settledTask(value)
  if (task === undefined) return undefined
  const [message, after] = [read(value, "message"), read(value, "after")]
  if (typeof message === "string") return `${task}: ${message}`
  return typeof after === "number" ? `${task} did not return within ${inWords(after)}` : undefined
}

/** What a class of its own says of itself. */
const ownText = (value: object): string | undefined => {
  if (Array.isArray(value)) return undefined
  const text = safely(() => {
    const own: unknown = value.toString
    if (typeof own !== "function" || own === Object.prototype.toString) return undefined
    return String(value)
  })
  return text === undefined || text.startsWith("[object ") ? undefined : text
}

const nameIn = (value: object): string | undefined => {
  const name = read(value, "name")
  if (typeof name === "string" && name !== "") return name
  const tag = read(value, "_tag")
  return typeof tag === "string" && tag !== "" ? tag : undefined
}

const causeIn = (value: object): unknown => {
  const cause = read(value, "cause")
  return cause === unreadable ? undefined : cause
}

/** Of an `AggregateError`; and of a `SuppressedError`, the one that was thrown last and the one that it hides. */
const severalIn = (value: object): ReadonlyArray<unknown> => {
  const errors = read(value, "errors")
  const listed = safely(() => (Array.isArray(errors) ? errors.slice(0, most.list) : undefined))
  if (listed !== undefined) return listed
  if (read(value, "name") !== "SuppressedError") return []
  return [read(value, "error"), read(value, "suppressed")].filter((one) => one !== undefined)
}

const told = new Set(["_tag", "name", "message", "stack", "cause", "code", "errors"])

/** The fields of an error that has no words, as tagged errors often have none. */
const fieldsOf = (value: object): string => {
  const fields = safely(() => Object.keys(value).filter((key) => !told.has(key))) ?? []
  if (fields.length === 0) return ""
  return jsonLike(Object.fromEntries(fields.slice(0, 20).map((key) => [key, read(value, key)])))
}

const textOf = (value: unknown, atMost: number): string =>
  typeof value === "string" ? value.slice(0, atMost) : (safely(() => String(value)) ?? "")

const safely = <A>(look: () => A): A | undefined => {
  try {
    return look()
  } catch {
    return undefined
  }
}
