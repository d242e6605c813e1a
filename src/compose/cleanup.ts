/** Steps behind something that may have failed, which then ends as it had. */
import type { Failure, Outcome } from "../define/outcome.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { Fits, Inside } from "./both.ts"
import type { NameOf, Whole } from "./fit.ts"
import { partAt, tasksOf, composed, planOf } from "./members.ts"
import { fallbackOf, isWithInput } from "./with-input.ts"

/**
 * Does the workflow and then, however it has ended, the cleanup; and ends as the workflow had: with its result or its
 * error, which keeps the step it comes from. A cleanup that fails is the failure of the whole. It is given the outcome, if
 * it takes one, and `{ outcome, input }` where it stands in `withInput`. A cancel, a deadline and a crash `CannotContinue`
 * end the run as a whole, and go past it.
 *
 * Throws a `CompositionError` where a part is not a workflow.
 *
 * @example
 * const answer = await app.run(always(add(4, 2), ignoreInput(add(1, 1)))) // 6
 */
export function always<W, C>(
  workflow: Whole<W>,
  cleanup: Fits<W, C, Outcome<OutputOf<W>, ErrorOf<W>>, "outcome", `the outcome of ${NameOf<W>}`>
): Workflow<InputOf<W>, OutputOf<W>, ErrorOf<W> | ErrorOf<Inside<C>>>
export function always(workflow: unknown, cleanup: unknown): unknown {
  return cleanupOf("always", undefined, workflow, cleanup)
}

/**
 * Does the workflow and, if it fails, the cleanup, and then fails as the workflow had: with its error, which keeps the
 * step it comes from. A cleanup that fails is the failure of the whole. It is given a `Failure`, if it takes one, and
 * `{ failure, input }` where it stands in `withInput`. A cancel, a deadline and a crash `CannotContinue` end the run as a
 * whole, and go past it. Around a group it may begin while other members still run: settle them, and let the next step throw
 * the error, to have it wait for all of them.
 *
 * Throws a `CompositionError` where a part is not a workflow.
 *
 * @example
 * const answer = await app.run(ifFailed(divide(6, 3), ignoreInput(add(1, 1)))) // 2
 */
export function ifFailed<W, C>(
  workflow: Whole<W>,
  cleanup: Fits<W, C, Failure<ErrorOf<W>>, "failure", `the failure of ${NameOf<W>}`>
): Workflow<InputOf<W>, OutputOf<W>, ErrorOf<W> | ErrorOf<Inside<C>>>
export function ifFailed(workflow: unknown, cleanup: unknown): unknown {
  return cleanupOf("ifFailed", "failure", workflow, cleanup)
}

const cleanupOf = (
  name: string,
  on: "failure" | undefined,
  workflow: unknown,
  given: unknown
): AnyWorkflow => {
  const of = partAt(workflow, `${name}'s workflow`)
  const both = isWithInput(given)
  const cleanup = partAt(both ? given[fallbackOf] : given, `${name}'s cleanup`)
  return composed(
    {
      kind: "cleanup",
      of: planOf(of),
      cleanup: planOf(cleanup),
      ...(on === undefined ? {} : { on }),
      ...(both ? { input: true as const } : {})
    },
    tasksOf([of, cleanup])
  )
}
