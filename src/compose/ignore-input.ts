/** What arrives is dropped. */
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { Differ, DifferentInputs, NameOf, NotAWorkflow } from "./fit.ts"
import { composed, partAt, planOf, tasksOf } from "./members.ts"

type NeedsNothing<W> = [W] extends [AnyWorkflow]
  ? [void] extends [InputOf<W>]
    ? W
    : Differ<W> extends true
      ? DifferentInputs<W>
      : `${NameOf<W>} still needs an input: ignoreInput takes a workflow with all its arguments`
  : NotAWorkflow<W>

/**
 * Lets a workflow that needs no input stand where something arrives, which is dropped.
 *
 * Throws a `CompositionError` for what is not a workflow.
 *
 * @example
 * const answer = await app.run(chain(add(4, 2), ignoreInput(add(1, 1)))) // 2
 */
export function ignoreInput<W>(
  workflow: NeedsNothing<W>
): Workflow<unknown, OutputOf<W>, ErrorOf<W>>
export function ignoreInput(workflow: unknown): unknown {
  const part = partAt(workflow, "ignoreInput's workflow")
  return composed({ kind: "ignore", of: planOf(part) }, tasksOf([part]))
}
