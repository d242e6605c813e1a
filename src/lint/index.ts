/** `arpeggio/lint`: a rule for ESLint and oxlint that finds workflows which are built, and then neither run nor returned. */
import { bySyntax } from "./by-syntax.ts"
import { byTypes } from "./by-types.ts"
import type { Asked, Context, Node } from "./node.ts"

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

/** The function that a statement stands in. */
const functionAround = (statement: Node): Node | undefined => {
  let at = statement.parent
  while (at !== undefined && !/Function/.test(at.type)) at = at.parent
  return at
}

const together = new Set(["all", "allSettled", "any", "race"])

const waitsForAll = ({ type, object, property, computed }: Node): boolean =>
  type === "MemberExpression" &&
  computed !== true &&
  object?.name === "Promise" &&
  together.has(property!.name!)

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
        "Whoever calls this function drops what it returns, and a workflow that is dropped runs nothing: write app.start(…) around it, or compose with group or map",
      awaitedTogether:
        "Promises are waited for here, and a workflow is none, so this runs nothing: write await app.run(group([…])), or app.run(…) around each"
    },
    schema: []
  },
  create(context: Context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices ?? {}
    const { isWorkflow, holdsWorkflows, isDropped }: Asked =
      program === undefined || program === null
        ? bySyntax(context)
        : byTypes(program.getTypeChecker(), esTreeNodeToTSNodeMap!)
    /** Of a call that waits for promises, the workflows that it is given. */
    const listIn = ({ callee, arguments: [list] = [] }: Node): Node | undefined =>
      list !== undefined && waitsForAll(callee!) && holdsWorkflows(list) ? list : undefined
    const returned = (node: Node, from: Node | undefined): void => {
      if (from === undefined || from.type === "FunctionDeclaration") return
      if (isWorkflow(node) && isDropped(from)) context.report({ node, messageId: "given" })
    }
    return {
      ExpressionStatement: ({ expression }: Node) => {
        for (const node of leavesOf(expression!)) {
          const of = node.type === "AwaitExpression" ? node.argument! : undefined
          const told = of !== undefined && (isWorkflow(of) || listIn(of) !== undefined)
          if (!told && isWorkflow(node)) context.report({ node, messageId: "unused" })
        }
      },
      AwaitExpression: ({ argument: node }: Node) => {
        if (isWorkflow(node!)) context.report({ node: node!, messageId: "awaited" })
      },
      ArrowFunctionExpression: (arrow: Node) => {
        const body = arrow.body as Node
        if (body.type !== "BlockStatement") returned(body, arrow)
      },
      ReturnStatement: (statement: Node) => {
        if (statement.argument) returned(statement.argument, functionAround(statement))
      },
      CallExpression: (call: Node) => {
        const node = listIn(call)
        if (node !== undefined) context.report({ node, messageId: "awaitedTogether" })
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
 * awaited (`await add(4, 2)`, `Promise.all(items.map((item) => add(item, 1)))`), and one that is returned to a caller that
 * drops it (`items.forEach((item) => add(item, 1))`).
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
