/** Which part of a node is given what arrives at it, where it begins with one part after another. */
import type { AnyNode } from "../define/plan.ts"
import { ruleOf } from "./table.ts"

export const receiverOf = (node: AnyNode): AnyNode => {
  const { children, receives } = ruleOf(node)
  return children(node)[receives?.(node) ?? 0]!.node
}
