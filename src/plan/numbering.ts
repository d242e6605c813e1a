/** Gives every node of a plan its number, in the order in which the plan is read; the number names it for good. */
import { type AnyNode, type CallNode, isCall } from "../define/plan.ts"
import type { Role } from "./rule.ts"
import { ruleOf } from "./table.ts"

/** A node with its number, its parent's number (-1 for the root) and its children's. */
export interface NumberedNode {
  readonly number: number
  readonly parent: number
  readonly role: Role
  readonly node: AnyNode
  readonly children: ReadonlyArray<number>
}

/** All nodes of a plan, each at its own number. A map's body is not among them: every item is a frame of its own; nor is a callback, which is a run. */
export type NumberedPlan = ReadonlyArray<NumberedNode>

/** How the first node of a plan stands. */
export const rootRole: Role = { position: 0, outcome: "frame" }

/** Numbers a plan without recursion, so that depth is bounded by memory alone. */
export const numberPlan = (plan: AnyNode): NumberedPlan => {
  const nodes: Array<NumberedNode & { readonly children: Array<number> }> = []
  const waiting: Array<{ node: AnyNode; parent: number; role: Role }> = [
    { node: plan, parent: -1, role: rootRole }
  ]
  while (waiting.length > 0) {
    const { node, parent, role } = waiting.pop()!
    const number = nodes.length
    nodes.push({ number, parent, role, node, children: [] })
    if (parent >= 0) nodes[parent]!.children.push(number)
    const children = ruleOf(node).children(node)
    for (let position = children.length - 1; position >= 0; position--) {
      const child = children[position]!
      waiting.push({ node: child.node, parent: number, role: child })
    }
  }
  return nodes
}

/** The first call of a task in a plan, if there is one. */
export const callOfTask = (plan: AnyNode, task: string): CallNode | undefined => {
  for (const { node } of numberPlan(plan)) if (isCall(node) && node.task === task) return node
  return undefined
}
