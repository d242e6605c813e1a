/** Reads a declared error from JSON, when only the tasks that can have failed are known. */
import type { ErrorCodec } from "../define/error-codec.ts"
import { Misfit } from "../define/misfit.ts"
import { received } from "../define/received.ts"
import type { TaskTable } from "../define/workflow.ts"

/** Turns an error's JSON into an instance of its class. `task` is the one that failed. */
export type ErrorReader = (json: unknown, task?: string) => unknown

/**
 * The task that failed says how its error is read. It may be unknown here, when a handler put another workflow in its
 * place; that workflow's errors are declared by the task it replaces, so the `_tag` finds it.
 */
export const errorReader =
  (tasks: TaskTable): ErrorReader =>
  (json, task) => {
    const tag = tagIn(json)
    const own = task === undefined ? undefined : tasks.get(task)?.errorCodec
    if (own?.tags.has(tag) === true) return own.decode(json)
    let first: Misfit | undefined
    for (const codec of codecsWith(tag, tasks)) {
      try {
        return codec.decode(json)
      } catch (cause) {
        if (!(cause instanceof Misfit)) throw cause
        first ??= cause
      }
    }
    throw first ?? new Misfit("", "an error declared by a task of this workflow", received(json))
  }

const codecsWith = (tag: string, tasks: TaskTable): ReadonlyArray<ErrorCodec> =>
  [...tasks.values()].map(({ errorCodec }) => errorCodec).filter(({ tags }) => tags.has(tag))

const tagIn = (json: unknown): string =>
  typeof json === "object" && json !== null && "_tag" in json ? String(json._tag) : ""
