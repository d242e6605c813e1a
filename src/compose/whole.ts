/** What a plan is as a whole: a hook, an ignored input and a chain of one step end as what they hold does. */
import type { PlanNode } from "../define/plan.ts"

/** Whether a node is nothing but its one child, and ends as that does. */
export const standsFor = (node: PlanNode): boolean =>
  node.kind === "hook" ||
  node.kind === "ignore" ||
  (node.kind === "chain" && node.steps.length === 1)

/** Whether a callback hangs on the whole. */
export const isHooked = (plan: PlanNode): boolean => {
  let at = plan
  while (at.kind !== "hook" && standsFor(at)) {
    at = at.kind === "chain" ? at.steps[0]! : (at as Extract<PlanNode, { of: PlanNode }>).of
  }
  return at.kind === "hook"
}
