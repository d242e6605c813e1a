/** Reads a declared error from JSON by the contract of the task that declares it. */
import { Misfit } from "../define/schema-mismatch.ts"
import { received } from "../define/describe-value.ts"
import type { TaskTable } from "../define/workflow.ts"

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
