/** Gives every node of a plan its number, in the order in which the plan is read; the number names it for good. */
import type { PlanNode } from "../define/plan.ts"

/** How a node hangs below its parent. */
export type Role =
  | { readonly as: "root" }
  | { readonly as: "step"; readonly position: number; readonly last: boolean }
  | { readonly as: "member"; readonly position: number }
  | { readonly as: "inner" }
  | { readonly as: "fallback"; readonly tag: string }
  | { readonly as: "cleanup" }

/** A node with its number, its parent's number (-1 for the root) and its children's. */
export interface NumberedNode {
  readonly number: number
  readonly parent: number
  readonly role: Role
  readonly node: PlanNode
  readonly children: ReadonlyArray<number>
}

/** All nodes of a plan, each at its own number. A map's body is not among them: every item is a frame of its own; nor is a callback, which is a run. */
export type NumberedPlan = ReadonlyArray<NumberedNode>

const childrenOf = (node: PlanNode): ReadonlyArray<readonly [PlanNode, Role]> => {
  switch (node.kind) {
    case "call":
    case "pass":
    case "map":
      return []
    case "chain":
      return node.steps.map((step, position) => [
        step,
        { as: "step", position, last: position === node.steps.length - 1 }
      ])
    case "group":
      return node.members.map((member, position) => [member, { as: "member", position }])
    case "ignore":
    case "settle":
    case "hook":
      return [[node.of, { as: "inner" }]]
    case "cleanup":
      return [
        [node.of, { as: "inner" }],
        [node.cleanup, { as: "cleanup" }]
      ]
    case "recover":
      return [
        [node.of, { as: "inner" }],
        ...Object.entries(node.fallbacks).map(([tag, fallback]): readonly [PlanNode, Role] => [
          fallback,
          { as: "fallback", tag }
        ])
      ]
  }
}

/** Numbers a plan without recursion, so that depth is bounded by memory alone. */
export const numberPlan = (plan: PlanNode): NumberedPlan => {
  const nodes: Array<NumberedNode & { readonly children: Array<number> }> = []
  const waiting: Array<{ node: PlanNode; parent: number; role: Role }> = [
    { node: plan, parent: -1, role: { as: "root" } }
  ]
  while (waiting.length > 0) {
    const { node, parent, role } = waiting.pop()!
    const number = nodes.length
    nodes.push({ number, parent, role, node, children: [] })
    if (parent >= 0) nodes[parent]!.children.push(number)
    const children = childrenOf(node)
    for (let at = children.length - 1; at >= 0; at--) {
      waiting.push({ node: children[at]![0], parent: number, role: children[at]![1] })
    }
  }
  return nodes
}
