/** An outcome as a value. */
import type { ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { Outcome } from "../define/outcome.ts"
import type { Whole } from "./fit.ts"
import { composed, partAt, planOf, tasksOf } from "./members.ts"

/**
 * Turns whatever becomes of a workflow into a value, its outcome: what follows runs in any case. A cancel, a deadline and
 * a crash `CannotContinue` end the run as a whole, and go past it.
 *
 * Throws a `CompositionError` for what is not a workflow.
 *
 * @example
 * const { _tag } = await app.run(settle(divide(7, 0))) // "Failed"
 */
export function settle<W>(
  workflow: Whole<W>
): Workflow<InputOf<W>, Outcome<OutputOf<W>, ErrorOf<W>>>
export function settle(workflow: unknown): unknown {
  const part = partAt(workflow, "settle's workflow")
  return composed({ kind: "settle", of: planOf(part) }, tasksOf([part]))
}
