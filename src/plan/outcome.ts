/**
 * Reads declared errors, by the contract of the task that declares each, and the outcome that `settle` gives. Its JSON is put
 * together by the engine around bytes that it does not read.
 */
import { Misfit } from "../define/schema-mismatch.ts"
import { received } from "../define/describe-value.ts"
import type {
  Cancelled,
  Crashed,
  Expired,
  Failed,
  Outcome,
  Succeeded,
  TimedOut
} from "../define/outcome.ts"
import type { TaskTable } from "../define/workflow.ts"

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
      return only(json as Crashed, ["_tag", "name", "message", "failure"])
    case "Cancelled":
      return only(json as Cancelled, ["_tag", "reason"])
    case "TimedOut":
      return only(json as TimedOut, ["_tag", "after", "failure"])
    case "Expired":
      return only(json as Expired, ["_tag", "mayHaveBegun"])
    default:
      throw new Misfit("", "an outcome", received(json))
  }
}

/** The fields of a type and no others: what a worker stored may say more, for people. */
const only = <A extends object>(json: A, keys: ReadonlyArray<keyof A>): A =>
  Object.fromEntries(
    keys.flatMap((key) => (json[key] === undefined ? [] : [[key, json[key]]]))
  ) as A

/** Turns an error's JSON into an instance of its class. `task` is the one whose contract declares it, as the outcome says. */
export type ErrorReader = (json: unknown, task: string | undefined) => unknown

/** Two tasks may have errors of one `_tag`, so nothing but the task says of which class this one is. */
export const errorReader =
  (tasks: TaskTable): ErrorReader =>
  (json, task) => {
    const declaring = task === undefined ? undefined : tasks.get(task)
    if (declaring !== undefined) return declaring.errorCodec.decode(json)
    const whose =
      task === undefined ? "a task of this workflow" : `${task}, a task of this workflow`
    throw new Misfit("", `an error declared by ${whose}`, received(json))
  }
