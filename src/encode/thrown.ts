/** What a handler threw, as it travels: name, words, code and stack, with what caused it; and how that reads in one line. */

/** What was thrown, as the worker saw it; shortened where it is long, deep or many. */
export interface Thrown {
  /** Of its class; `Thrown` for what is no error. */
  readonly name: string
  /** What it said. */
  readonly message: string
  /** Its stack, as the worker saw it; an outcome has none. */
  readonly stack?: string
  /** Its `code`, for example `ECONNREFUSED`. */
  readonly code?: string | number
  /** What it was caused by. */
  readonly cause?: Thrown
  /** The several failures that it stands for, as those of an `AggregateError`. */
  readonly errors?: ReadonlyArray<Thrown>
}

/** A crash as it is stored: what was thrown, and what Arpeggio has to say about it. */
export interface Crash extends Thrown {
  /** Why it does not count as the declared error that it looks like. */
  readonly hint?: string
}

/** How deep causes are carried, and read. */
export const deepestCause = 6

/** The longest text in one line. */
const longestLine = 18_000

/** A crash from JSON of whatever release. */
export const crashIn = (json: unknown): Crash => {
  const thrown = thrownIn(json, 0) ?? { name: "Error", message: "" }
  const hint = (json as { readonly hint?: unknown } | null)?.hint
  return typeof hint === "string" && hint !== "" ? { ...thrown, hint } : thrown
}

const thrownIn = (json: unknown, depth: number): Thrown | undefined => {
  if (typeof json !== "object" || json === null || depth > deepestCause) return undefined
  const { name, message, stack, code, cause, errors } = json as {
    readonly [key in keyof Thrown]?: unknown
  }
  const below = thrownIn(cause, depth + 1)
  const several = Array.isArray(errors)
    ? errors.flatMap((error) => thrownIn(error, depth + 1) ?? [])
    : []
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : "",
    ...(typeof stack === "string" ? { stack } : {}),
    ...(typeof code === "string" || Number.isFinite(code) ? { code: code as string } : {}),
    ...(below === undefined ? {} : { cause: below }),
    ...(several.length === 0 ? {} : { errors: several })
  }
}

/** Its words with the code, where they do not name it already. */
export const wordsOf = ({ message, code }: Thrown): string => {
  if (code === undefined || message.includes(String(code))) return message
  return message === "" ? `(${code})` : `${message} (${code})`
}

/** The words of what was thrown and of all that caused it, in one line: `fetch failed: connect ECONNREFUSED …`. */
export const chainOf = (thrown: Thrown): string => chain(thrown).slice(0, longestLine)

const chain = (thrown: Thrown): string => {
  const { errors = [], cause } = thrown
  let text = wordsOf(thrown)
  if (errors.length > 0) text = `${text} [${errors.map(inner).join("; ")}]`.trimStart()
  if (cause === undefined) return text
  const below = inner(cause)
  // Often the words of the cause are a part of the words already.
  if (text.includes(below)) return text
  return text === "" ? below : `${text.replace(/\.$/, "")}: ${below}`
}

const inner = (thrown: Thrown): string => {
  const text = chain(thrown)
  return (text === "" ? thrown.name : text).replaceAll(/\s*\n\s*/g, " ")
}

/** The words of a crash as its outcome carries them. */
export const crashWords = (crash: Crash): string => {
  const text = chainOf(crash)
  if (crash.hint === undefined) return text
  return text === "" ? crash.hint : `${text.replace(/\.$/, "")}. ${crash.hint}`
}
