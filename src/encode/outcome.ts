/** Reads the outcome that `settle` gives. Its JSON is put together by the engine around bytes that it does not read. */
import { Misfit } from "../define/misfit.ts"
import { received } from "../define/received.ts"
import type { Failed, Outcome, Succeeded } from "../define/outcome.ts"
import type { ErrorReader } from "./errors.ts"

/**
 * The outcome in `json`, its value and its error read by the readers of what was settled. `declared` is the task whose
 * contract has the error, where that is another than the one that failed.
 */
export const readOutcome = (
  json: unknown,
  readValue: (json: unknown) => unknown,
  readError: ErrorReader,
  declared?: string
): Outcome<unknown, unknown> => {
  const tag: unknown =
    typeof json === "object" && json !== null && "_tag" in json ? json._tag : undefined
  switch (tag) {
    case "Succeeded": {
      const outcome = json as Succeeded<unknown>
      return { ...outcome, value: readValue(outcome.value) }
    }
    case "Failed": {
      const outcome = json as Failed<unknown>
      return { ...outcome, error: readError(outcome.error, declared ?? outcome.failure?.task) }
    }
    case "Crashed":
    case "Cancelled":
    case "TimedOut":
    case "Expired":
      return { ...(json as Outcome<never>) }
    default:
      throw new Misfit("", "an outcome", received(json))
  }
}
