/** Tells workflows by their types, which typescript-eslint knows. */
import type { Asked, Node, Services, Type } from "./node.ts"

/** A task has the mark, too, and is called. */
const isWorkflowType = (type: Type): boolean =>
  type.isUnion()
    ? type.types!.some(isWorkflowType)
    : type.getProperty("~arpeggio") !== undefined &&
      type.getProperty("with") !== undefined &&
      type.getCallSignatures().length === 0

export const byTypes = (
  checker: ReturnType<NonNullable<Services["program"]>["getTypeChecker"]>,
  nodes: Services["esTreeNodeToTSNodeMap"]
): Asked => {
  const typeOf = (node: Node): Type => checker.getTypeAtLocation(nodes.get(node))
  return {
    isWorkflow: (node) => isWorkflowType(typeOf(node)),
    holdsWorkflows: (node) => {
      const each = typeOf(node).getNumberIndexType()
      return each !== undefined && isWorkflowType(each)
    },
    isDropped: (node) => {
      const given = checker.getContextualType(nodes.get(node))?.getCallSignatures() ?? []
      return (
        given.length > 0 &&
        given.every((one) => checker.typeToString(one.getReturnType()) === "void")
      )
    }
  }
}
