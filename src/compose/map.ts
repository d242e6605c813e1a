/** Runs a workflow once for each item of a list that is known only when it arrives; results in the list's order. */
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import { workflowOf } from "../define/workflow.ts"
import type { HasAllArguments, NotAWorkflow } from "./fit.ts"
import { refuse, partAt } from "./members.ts"
import { received } from "../define/received.ts"

export interface MapOptions {
  /** At most this many items under way at a time; all of them when absent. */
  readonly concurrency?: number
}

type Body<W> = W extends AnyWorkflow
  ? [InputOf<W>] extends [void]
    ? HasAllArguments<W, "each item">
    : W
  : NotAWorkflow<W>

/** Plan: `{ kind: "map", body, concurrency? }`; the list becomes a frozen frame before the first item is published. */
export function map<W>(
  body: Body<W>,
  options?: MapOptions
): Workflow<ReadonlyArray<InputOf<W>>, ReadonlyArray<OutputOf<W>>, ErrorOf<W>>
export function map(body: unknown, options: MapOptions = {}): unknown {
  const { plan, tasks } = partAt(body, "map's body")["~arpeggio"]
  const stranger = Object.keys(options).find((name) => name !== "concurrency")
  if (stranger !== undefined) return refuse(`map has no option ${stranger}: there is concurrency`)
  const { concurrency } = options
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency >= 1)) {
    return refuse(`map's concurrency is a whole number of at least 1, not ${received(concurrency)}`)
  }
  return workflowOf(
    Object.freeze({
      kind: "map",
      body: plan,
      ...(concurrency === undefined ? {} : { concurrency })
    }),
    tasks
  )
}
