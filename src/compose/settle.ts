/** Turns whatever becomes of a workflow into a value: its outcome. What follows runs in any case. */
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import { workflowOf } from "../define/workflow.ts"
import type { Outcome } from "../define/outcome.ts"
import type { NotAWorkflow } from "./fit.ts"
import { partAt } from "./members.ts"

/** Plan: `{ kind: "settle", of }`. */
export function settle<W>(
  workflow: W extends AnyWorkflow ? W : NotAWorkflow<W>
): Workflow<InputOf<W>, Outcome<OutputOf<W>, ErrorOf<W>>>
export function settle(workflow: unknown): unknown {
  const { plan, tasks } = partAt(workflow, "settle's workflow")["~arpeggio"]
  return workflowOf(Object.freeze({ kind: "settle", of: plan }), tasks)
}
