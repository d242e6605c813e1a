/** Reads what became of a run without knowing its workflow: values and errors as the JSON that is stored. */
import type { OutcomeCodec } from "../encode/result-codec.ts"
import { readOutcome } from "../encode/outcome.ts"

const asItIs = (json: unknown): unknown => json

/** Whichever way a value came, it is read in the same way. */
export const plainOutcome: OutcomeCodec & { readonly value: (json: unknown) => unknown } = {
  value: asItIs,
  decode: (json) => readOutcome(json, asItIs, asItIs)
}

/** A declared error without its class: an `Error` with its tag as the name, and with the fields that are stored. */
export const plainError = (json: unknown, where: string): Error => {
  const fields = typeof json === "object" && json !== null ? Object.entries(json) : []
  const { _tag: tag, message } = Object.fromEntries(fields) as Readonly<Record<string, unknown>>
  const name = typeof tag === "string" ? tag : "Failed"
  const error = new Error(typeof message === "string" ? message : `${where} failed with ${name}`)
  for (const [field, value] of [["name", name] as const, ...fields]) {
    if (field === "stack" || field === "message") continue
    Object.defineProperty(error, field, {
      value,
      enumerable: field !== "name",
      configurable: true,
      writable: true
    })
  }
  return error
}
