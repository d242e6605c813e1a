/** Whether something in a plan waits: a sleep, or a call that says when it may begin or by when it has to. */
import { type AnyNode, isCall } from "../define/plan.ts"
import { isSleepNode } from "./sleep.ts"
import { ruleOf } from "./table.ts"

/** Whether a call is not sent as others are. */
export const hasTimes = (node: AnyNode): boolean =>
  isCall(node) && (node.delay !== undefined || node.eta !== undefined || node.expires !== undefined)

/** The body of a map and callbacks count, too. */
export const isTimed = (plan: AnyNode): boolean => {
  const open: Array<AnyNode> = [plan]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSleepNode(node) || hasTimes(node)) return true
    const holds = node as unknown as { readonly [field: string]: unknown }
    for (const [field, form] of Object.entries(ruleOf(node).parts)) {
      const part = holds[field]
      open.push(...(form === "node" ? [part as AnyNode] : (Object.values(part!) as Array<AnyNode>)))
    }
  }
  return false
}
