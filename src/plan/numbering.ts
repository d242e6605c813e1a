/** The nodes of a plan, each with its number, which names it for good; and what a plan is as a whole. */
import { type AnyNode, type CallNode, isCall } from "../define/plan.ts"
import type { Child, Role, Rule } from "./rule.ts"
import { ruleOf } from "./table.ts"

/** A node with its number, its parent's number (-1 for the root) and its children's. */
export interface NumberedNode {
  readonly number: number
  readonly parent: number
  readonly role: Role
  readonly node: AnyNode
  /** The rule of its kind. */
  readonly rule: Rule<AnyNode>
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
    const rule = ruleOf(node)
    nodes.push({ number, parent, role, node, rule, children: [] })
    if (parent >= 0) nodes[parent]!.children.push(number)
    const children = rule.children(node)
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

/** The one child that a node ends as, if it is nothing but that: a hook, an ignored input and a chain of one step do. */
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
