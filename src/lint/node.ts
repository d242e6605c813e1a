/** What linters pass a rule, as far as it is looked at here: the same of ESLint and of oxlint. */
export interface Node {
  readonly type: string
  readonly expression?: Node
  readonly expressions?: ReadonlyArray<Node>
  readonly argument?: Node
  readonly operator?: string
  readonly right?: Node
  readonly consequent?: Node
  readonly alternate?: Node
  readonly callee?: Node
  readonly object?: Node
  readonly property?: Node
  readonly computed?: boolean
  /** Of a block, its statements. */
  readonly body?: Node | ReadonlyArray<Node>
  readonly name?: string
  readonly value?: unknown
  readonly init?: Node | null
  readonly kind?: string
  readonly imported?: Node
  readonly source?: { readonly value: string }
  readonly parent?: Node
  readonly arguments?: ReadonlyArray<Node>
  readonly elements?: ReadonlyArray<Node | null>
}

export interface Binding {
  readonly type: string
  readonly node: Node
  readonly parent?: Node
}

export interface Scope {
  readonly set: ReadonlyMap<string, { readonly defs: ReadonlyArray<Binding> }>
  readonly upper: Scope | null
}

export interface Context {
  readonly filename: string
  readonly sourceCode: {
    getScope(node: Node): Scope
    readonly parserServices?: Partial<Services>
  }
  report(problem: { readonly node: Node; readonly messageId: string }): void
}

/** What typescript-eslint adds, where it is told of the project. */
export interface Services {
  readonly program: { getTypeChecker(): Checker } | null
  readonly esTreeNodeToTSNodeMap: { get(node: Node): unknown }
}

export interface Checker {
  getTypeAtLocation(node: unknown): Type
  getContextualType(node: unknown): Type | undefined
  typeToString(type: Type): string
}

export interface Type {
  readonly types?: ReadonlyArray<Type>
  isUnion(): boolean
  getProperty(name: string): unknown
  getCallSignatures(): ReadonlyArray<{ getReturnType(): Type }>
  /** Of a list, what stands in it. */
  getNumberIndexType(): Type | undefined
}

/** Says of an expression whether it is a workflow, or whatever else is asked. */
export type Tells = (node: Node) => boolean

/** What the rule asks of expressions, with types or without. */
export interface Asked {
  readonly isWorkflow: Tells
  /** Whether it is a list in which some are. */
  readonly holdsWorkflows: Tells
  /** Whether a function is given to somebody who drops what it returns. */
  readonly isDropped: Tells
}
