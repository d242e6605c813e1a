/** Outcomes as the interpreter gives them, and one text for all that mean the same. */
import type { Json } from "../../src/define/plan.ts"

import type { Fired } from "./fired.ts"

/**
 * What may become of a workflow, and the callbacks that are started on the way. Values and errors are canonical JSON, which
 * is what the next step is given; `read` is what whoever asked is given.
 */
export type ReferenceOutcome = { readonly fired: Fired } & (
  | { readonly _tag: "Succeeded"; readonly value: Json; readonly read: unknown }
  | {
      readonly _tag: "Failed"
      readonly error: Json
      readonly read: unknown
      readonly task: string
    }
  | {
      readonly _tag: "Crashed"
      readonly name: string
      readonly message: string
      readonly task: string
    }
  | { readonly _tag: "Expired"; readonly task: string }
)

/** The outcome in the JSON form of `Outcome`, as `settle` hands it to the next step; ids are empty. */
export const outcomeJson = (outcome: ReferenceOutcome): Json => {
  switch (outcome._tag) {
    case "Succeeded":
      return { _tag: "Succeeded", value: outcome.value }
    case "Failed": {
      const { error, task } = outcome
      return { _tag: "Failed", error, failure: originOf(task) }
    }
    case "Crashed": {
      const { name, message, task } = outcome
      return { _tag: "Crashed", name, message, failure: originOf(task) }
    }
    case "Expired":
      return { _tag: "Expired" }
  }
}

/** The outcome as whoever asked is given it; ids are empty. */
export const outcomeRead = (outcome: ReferenceOutcome): unknown => {
  switch (outcome._tag) {
    case "Succeeded":
      return { _tag: "Succeeded", value: outcome.read }
    case "Failed":
      return { _tag: "Failed", error: outcome.read, failure: originOf(outcome.task) }
    case "Crashed":
    case "Expired":
      return outcomeJson(outcome)
  }
}

const originOf = (task: string): Json => ({ run: "", step: "", task, attempt: 1 })

/**
 * One text for values that mean the same: keys in order, instances as their fields, and of a failure's origin only the
 * task, because runs, steps, attempts and stacks differ from one execution to the next; the same of a `Failure`.
 */
export const canonical = (value: unknown): string => JSON.stringify(plain(value))

const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value !== "object" || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map || value instanceof Set) return [...value].map(plain)
  const found = new Map<string, unknown>(Object.entries(value))
  if ("_tag" in value) found.set("_tag", value._tag)
  if (value instanceof Error) found.delete("name")
  const outcome = found.get("_tag") === "Failed" || found.get("_tag") === "Crashed"
  if (outcome) found.delete("stack")
  const failure = ["run", "step", "task", "attempt", "error"].every((name) => found.has(name))
  if (failure) for (const name of ["run", "step", "attempt"]) found.delete(name)
  const sorted = [...found.entries()]
    .filter(([, item]) => item !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(
    sorted.map(([key, item]) => [
      key,
      outcome && key === "failure" ? { task: taskIn(item) } : plain(item)
    ])
  )
}

const taskIn = (failure: unknown): unknown =>
  typeof failure === "object" && failure !== null && "task" in failure ? failure.task : undefined
