/** One body for every item of a list. */
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { DifferentInputs, HasAllArguments, Needs, NotAWorkflow, Suits } from "./fit.ts"
import { composed, partAt, planOf, refuse, tasksOf } from "./members.ts"
import { received } from "../define/describe-value.ts"
import { waitOf } from "./wait-option.ts"

/** How a list is worked through. */
export interface MapOptions {
  /** How many items are under way at a time, over all workers: a whole number of at least 1. Default: all of them. */
  readonly concurrency?: number
  /** Where an item fails, the others are worked through all the same; then the whole fails as the first that failed, in their order. */
  readonly wait?: "all"
}

type Body<W> = [W] extends [AnyWorkflow]
  ? [Suits<W>] extends ["none"]
    ? DifferentInputs<W>
    : [Needs<InputOf<W>>] extends ["nothing"]
      ? HasAllArguments<W, "each item">
      : W
  : NotAWorkflow<W>

/**
 * Runs a workflow once for each item of a list that is known only when it arrives. What it returns stands in the order of
 * the list. It fails as a group does, at the first failure or, with `{ wait: "all" }`, once all items have ended. An empty list gives `[]`.
 *
 * Throws a `CompositionError` for a body that is not a workflow, and for an option that there is not.
 *
 * @example
 * const list = await app.run(map(add(1)), [1, 2, 3]) // [2, 3, 4]
 */
export function map<W>(
  body: Body<W>,
  options?: MapOptions
): Workflow<ReadonlyArray<InputOf<W>>, ReadonlyArray<OutputOf<W>>, ErrorOf<W>>
export function map(body: unknown, options: MapOptions = {}): unknown {
  const part = partAt(body, "map's body")
  const stranger = Object.keys(options).find((name) => name !== "concurrency" && name !== "wait")
  if (stranger !== undefined) {
    return refuse(`map has no option ${stranger}: there are concurrency and wait`)
  }
  const { concurrency, wait } = options
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    return refuse(`map's concurrency is a whole number of at least 1, not ${received(concurrency)}`)
  }
  return composed(
    {
      kind: "map",
      body: planOf(part),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(wait === undefined ? {} : waitOf("map", { wait }))
    },
    tasksOf([part])
  )
}
