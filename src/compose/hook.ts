/** Callbacks of what has ended, which neither waits for them nor hears how they end. */
import type { Failure } from "../define/outcome.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { AcceptsOrNeedsNothing, NameOf, Whole } from "./fit.ts"
import { partAt, tasksOf, composed, planOf } from "./members.ts"

/**
 * Gives what the workflow gives, and starts the callback, exactly once, when the workflow has succeeded as a whole; it is
 * given the result, if it takes one. The callback is a run of its own, whose start is stored together with the outcome: its
 * failure changes nothing here, and a cancel of this run does not stop it.
 *
 * Throws a `CompositionError` where a part is not a workflow.
 *
 * @example
 * const answer = await app.run(onSuccess(add(4, 2), mul(3))) // 6
 */
export function onSuccess<W, C>(
  workflow: Whole<W>,
  callback: AcceptsOrNeedsNothing<C, OutputOf<W>, `what ${NameOf<W>} returns`>
): Workflow<InputOf<W>, OutputOf<W>, ErrorOf<W>>
export function onSuccess(workflow: unknown, callback: unknown): unknown {
  return hookOf("success", workflow, callback)
}

/**
 * Gives what the workflow gives, and starts the callback, exactly once, when the workflow has failed as a whole: with a
 * declared error, a crash, a timeout, or because it expired. Not after a cancel, which somebody asked for. It is given a
 * `Failure`, if it takes one.
 *
 * Throws a `CompositionError` where a part is not a workflow.
 *
 * @example
 * const answer = await app.run(onFailure(divide(6, 3), ignoreInput(add(1, 1)))) // 2
 */
export function onFailure<W, C>(
  workflow: Whole<W>,
  callback: AcceptsOrNeedsNothing<C, Failure<ErrorOf<W>>, `the failure of ${NameOf<W>}`>
): Workflow<InputOf<W>, OutputOf<W>, ErrorOf<W>>
export function onFailure(workflow: unknown, callback: unknown): unknown {
  return hookOf("failure", workflow, callback)
}

const hookOf = (on: "success" | "failure", workflow: unknown, callback: unknown): AnyWorkflow => {
  const name = on === "success" ? "onSuccess" : "onFailure"
  const of = partAt(workflow, `${name}'s workflow`)
  const then = partAt(callback, `${name}'s callback`)
  return composed(
    {
      kind: "hook",
      on,
      of: planOf(of),
      callback: planOf(then)
    },
    tasksOf([of, then])
  )
}
