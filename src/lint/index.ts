/** `arpeggio/lint`: a rule for ESLint and oxlint that finds workflows which are built, and then neither run nor returned. */
import { bySyntax } from "./by-syntax.ts"
import type { Context, Node, Tells, Type } from "./node.ts"

/** A task has the mark, too, and is called. */
const isWorkflowType = (type: Type): boolean =>
  type.isUnion()
    ? type.types!.some(isWorkflowType)
    : type.getProperty("~arpeggio") !== undefined &&
      type.getProperty("with") !== undefined &&
      type.getCallSignatures().length === 0

/** What of an expression is given up where its value is. */
const leavesOf = (node: Node): ReadonlyArray<Node> => {
  switch (node.type) {
    case "SequenceExpression":
      return node.expressions!.flatMap(leavesOf)
    case "LogicalExpression":
      return leavesOf(node.right!)
    case "ConditionalExpression":
      return [node.consequent!, node.alternate!].flatMap(leavesOf)
    case "UnaryExpression":
      return node.operator === "void" ? leavesOf(node.argument!) : []
    case "ChainExpression":
    case "TSNonNullExpression":
    case "TSAsExpression":
      return leavesOf(node.expression!)
    case "AssignmentExpression":
      return []
    default:
      return [node]
  }
}

/** A rule as both linters take it. What `create` is given is theirs, so that neither has to be installed for its types. */
export interface LintRule {
  readonly meta: {
    readonly type: "problem"
    readonly docs: { readonly description: string }
    readonly messages: { readonly [id: string]: string }
    readonly schema: []
  }
  // oxlint-disable-next-line typescript/no-explicit-any -- each linter has types of its own for these
  create(context: any): { [selector: string]: (node: any) => void }
}

const noUnusedWorkflow: LintRule = {
  meta: {
    type: "problem",
    docs: { description: "A workflow that is built is run, started, returned or composed" },
    messages: {
      unused:
        "This builds a workflow and runs nothing: write app.run(…) or app.start(…) around it, or return it from the handler",
      awaited:
        "A workflow is no promise, so this runs nothing: write await app.run(…), or return the workflow from the handler",
      given:
        "Whoever calls this function drops what it returns, and a workflow that is dropped runs nothing: write app.start(…) around it, or compose with group or map"
    },
    schema: []
  },
  create(context: Context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices ?? {}
    const checker = program?.getTypeChecker()
    const typed = (node: Node): unknown => esTreeNodeToTSNodeMap!.get(node)
    const isWorkflow: Tells =
      checker === undefined
        ? bySyntax(context)
        : (node) => isWorkflowType(checker.getTypeAtLocation(typed(node)))
    return {
      ExpressionStatement: ({ expression }: Node) => {
        for (const node of leavesOf(expression!)) {
          const told = node.type === "AwaitExpression" && isWorkflow(node.argument!)
          if (!told && isWorkflow(node)) context.report({ node, messageId: "unused" })
        }
      },
      AwaitExpression: ({ argument: node }: Node) => {
        if (isWorkflow(node!)) context.report({ node: node!, messageId: "awaited" })
      },
      ArrowFunctionExpression: (arrow: Node) => {
        const { body: node } = arrow
        if (checker === undefined || node!.type === "BlockStatement" || !isWorkflow(node!)) return
        const given = checker.getContextualType(typed(arrow))?.getCallSignatures() ?? []
        const isDropped = given.every((one) => checker.typeToString(one.getReturnType()) === "void")
        if (given.length > 0 && isDropped) context.report({ node: node!, messageId: "given" })
      }
    }
  }
}

/** The plugin, for `plugins` of ESLint and `jsPlugins` of oxlint. */
export interface LintPlugin {
  readonly meta: { readonly name: "arpeggio" }
  readonly rules: { readonly "no-unused-workflow": LintRule }
  /** For ESLint's flat configuration: the plugin with its rule. */
  readonly configs: {
    readonly recommended: {
      readonly plugins: { readonly arpeggio: Omit<LintPlugin, "configs"> }
      readonly rules: { readonly "arpeggio/no-unused-workflow": "error" }
    }
  }
}

const meta = { name: "arpeggio" } as const
const rules = { "no-unused-workflow": noUnusedWorkflow }

/**
 * `arpeggio/no-unused-workflow` reports a workflow that is built and dropped (`add(4, 2)` as a statement), one that is
 * awaited (`await add(4, 2)`), and, where the linter has types, one that is returned to a caller that drops it
 * (`items.forEach((item) => add(item, 1))`).
 */
const plugin: LintPlugin = {
  meta,
  rules,
  configs: {
    recommended: {
      plugins: { arpeggio: { meta, rules } },
      rules: { "arpeggio/no-unused-workflow": "error" }
    }
  }
}

export default plugin
