/** Reads what became of a run without knowing its workflow: values and errors as the JSON that is stored. */
import type { OutcomeCodec } from "../plan/values.ts"
import { readOutcome } from "../plan/outcome.ts"
import { errorWith, tagOf } from "../result/rejected.ts"

const asItIs = (json: unknown): unknown => json

/** Whichever way a value came, it is read in the same way. */
export const plainOutcome: OutcomeCodec & { readonly value: (json: unknown) => unknown } = {
  value: asItIs,
  decode: (json) => readOutcome(json, asItIs, asItIs)
}

/** A declared error without its class: an `Error` with its tag as the name, and with the fields that are stored. */
export const plainError = (json: unknown, where: string): Error =>
  errorWith(json, `${where} failed with ${tagOf(json)}`)
