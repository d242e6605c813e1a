/**
 * Asks zod without leaving a promise behind. Its own `validate` tries at once first, and drops the promise of an asynchronous
 * check, which ends the process when it is rejected.
 */

interface Parsed {
  readonly value: unknown
  readonly issues: ReadonlyArray<unknown>
}

interface Zod {
  readonly _zod: {
    run(payload: Parsed, context: { readonly async: undefined }): Parsed | Promise<Parsed>
  }
}

/** What zod says at once of a value: the value it gives, that something is wrong with it, or that it would wait. */
export type Said = { readonly value: unknown } | "wrong" | "waits"

/** What zod says; `undefined` for a schema of another library. Throws what a check of the schema throws. */
export const askZod = (schema: object, value: unknown): Said | undefined => {
  if (!isZod(schema)) return undefined
  try {
    // Neither true nor false: then promises of checks are handed out, and what is transformed at once gives none.
    const parsed = schema._zod.run({ value, issues: [] }, { async: undefined })
    if (!(parsed instanceof Promise)) {
      return parsed.issues.length === 0 ? { value: parsed.value } : "wrong"
    }
    parsed.catch(() => {})
    return "waits"
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith("Encountered Promise")) return "waits"
    throw cause
  }
}

const isZod = (schema: object): schema is Zod => {
  const inside = "_zod" in schema ? schema._zod : undefined
  return (
    typeof inside === "object" &&
    inside !== null &&
    "run" in inside &&
    typeof inside.run === "function"
  )
}
