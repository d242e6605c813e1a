/** All that stands in a plan. */
import { type AnyNode, type CallNode, isCall } from "../define/plan.ts"
import { ruleOf } from "./table.ts"

/** Every node of a plan, in no order; the bodies of maps and callbacks are among them. */
export function* everyNode(plan: AnyNode): Generator<AnyNode> {
  const open: Array<AnyNode> = [plan]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node
    const holds = node as unknown as { readonly [field: string]: unknown }
    for (const [field, form] of Object.entries(ruleOf(node).parts)) {
      const part = holds[field]
      open.push(...(form === "node" ? [part as AnyNode] : (Object.values(part!) as Array<AnyNode>)))
    }
  }
}

/** Every call among them. */
export const everyCall = (plan: AnyNode): ReadonlyArray<CallNode> =>
  [...everyNode(plan)].filter(isCall)
