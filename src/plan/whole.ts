/** What a plan is as a whole: a hook, an ignored input and a chain of one step end as what they hold does. */
import type { AnyNode } from "../define/plan.ts"
import type { Child } from "./rule.ts"
import { ruleOf } from "./table.ts"

/** The one child that a node ends as, if it is nothing but that. */
const onlyChild = (node: AnyNode): Child | undefined => {
  const children = ruleOf(node).children(node)
  return children.length === 1 && children[0]!.outcome === "parent" ? children[0] : undefined
}

/** Whether a node is nothing but its one child, and ends as that does. */
export const standsFor = (node: AnyNode): boolean => onlyChild(node) !== undefined

/** Whether a callback hangs on the whole. */
export const isHooked = (plan: AnyNode): boolean => {
  for (let child = onlyChild(plan); child !== undefined; child = onlyChild(child.node)) {
    if (child.watched === true) return true
  }
  return false
}
