/** Tells workflows without types: what is composed by our names, and calls of tasks that this file, or one that it imports, declares. */
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Asked, Binding, Context, Node, Scope } from "./node.ts"

const ours = /^arpeggio(?:\/contract)?$/
const composing = new Set(
  "always chain chord group ifFailed ignoreInput map onFailure onSuccess pass recover settle".split(
    " "
  )
)
const declaring = new Set(["task", "implement"])
const noName: ReadonlySet<string> = new Set()

/** The files that an import may mean. */
const filesOf = (from: string, path: string): ReadonlyArray<string> => {
  const file = join(dirname(from), path)
  const bare = file.replace(/\.[cm]?[jt]sx?$/, "")
  return [file, `${bare}.ts`, `${bare}.tsx`, `${bare}.mts`, `${file}.ts`, join(file, "index.ts")]
}

const declaredIn = (file: string): ReadonlySet<string> | undefined => {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch {
    return undefined
  }
  const found = /\bfrom\s*["']arpeggio(?:\/contract)?["']/.test(text)
    ? text.matchAll(/\bexport const (\w+)[^=\n]*=\s*(?:task|implement)\s*\(/g)
    : []
  return new Set([...found].map(([, name]) => name!))
}

/** Reads the files that are imported once for each file that is linted. */
export const bySyntax = ({ filename, sourceCode }: Context): Asked => {
  const read = new Map<string, ReadonlySet<string>>()
  const tasksIn = (path: string): ReadonlySet<string> => {
    const known = read.get(path)
    if (known !== undefined) return known
    const [found = new Set<string>()] = path.startsWith(".")
      ? filesOf(filename, path).flatMap((file) => declaredIn(file) ?? [])
      : []
    read.set(path, found)
    return found
  }
  const bindingOf = (node: Node): Binding | undefined => {
    for (let scope: Scope | null = sourceCode.getScope(node); scope !== null; scope = scope.upper) {
      const there = scope.set.get(node.name!)
      if (there !== undefined) return there.defs[0]
    }
    return undefined
  }
  const isImported = (path: string, name: unknown, names: ReadonlySet<string>): boolean =>
    ours.test(path) && names.has(String(name))
  const stands = (callee: Node, names: ReadonlySet<string>, tasks: boolean): boolean => {
    if (callee.type === "MemberExpression" && callee.object?.type === "Identifier") {
      const binding = bindingOf(callee.object)
      if (binding?.node.type !== "ImportNamespaceSpecifier" || callee.computed === true)
        return false
      const path = binding.parent!.source!.value
      const name = callee.property!.name!
      return isImported(path, name, names) || (tasks && tasksIn(path).has(name))
    }
    if (callee.type !== "Identifier") return false
    const binding = bindingOf(callee)
    if (binding?.type === "ImportBinding") {
      if (binding.node.type !== "ImportSpecifier") return false
      const name = binding.node.imported!.name ?? binding.node.imported!.value
      const path = binding.parent!.source!.value
      return isImported(path, name, names) || (tasks && tasksIn(path).has(String(name)))
    }
    const init = valueOf(binding)
    return tasks && init?.type === "CallExpression" && stands(init.callee!, declaring, false)
  }
  const isWorkflow = (node: Node): boolean => {
    if (node.type === "Identifier") {
      const init = valueOf(bindingOf(node))
      return init !== undefined && init.type !== "Identifier" && isWorkflow(init)
    }
    if (node.type !== "CallExpression") return false
    const callee = node.callee!
    if (callee.type === "MemberExpression") {
      if (callee.property!.name === "with") return isWorkflow(callee.object!)
      if (callee.property!.name === "partial" && stands(callee.object!, noName, true)) return true
    }
    return stands(callee, composing, true)
  }
  const holdsWorkflows = (node: Node): boolean => {
    if (node.type === "Identifier") {
      const init = valueOf(bindingOf(node))
      return init !== undefined && init.type !== "Identifier" && holdsWorkflows(init)
    }
    if (node.type === "ArrayExpression") {
      return node.elements!.some((each) => each !== null && isWorkflow(each))
    }
    return (
      isCallOf(node, mapping) && node.arguments!.slice(0, 1).flatMap(returnedBy).some(isWorkflow)
    )
  }
  const isDropped = (node: Node): boolean => {
    const call = node.parent
    if (call === undefined || call.arguments?.[0] !== node) return false
    const { type, name } = call.callee!
    return type === "Identifier"
      ? laterOn.has(name!) && bindingOf(call.callee!) === undefined
      : isCallOf(call, dropping)
  }
  return { isWorkflow, holdsWorkflows, isDropped }
}

/** Methods that give what a function makes of each, and those that drop it. */
const mapping = new Set(["map", "flatMap"])
const dropping = new Set(["forEach"])
const laterOn = new Set(["setTimeout", "setInterval", "setImmediate", "queueMicrotask"])

const isCallOf = ({ type, callee }: Node, methods: ReadonlySet<string>): boolean =>
  type === "CallExpression" &&
  callee!.type === "MemberExpression" &&
  callee!.computed !== true &&
  methods.has(callee!.property!.name!)

/** What a function gives, as far as it stands at its end or right inside of it. */
const returnedBy = ({ body }: Node): ReadonlyArray<Node> => {
  if (body === undefined || !("type" in body)) return []
  if (body.type !== "BlockStatement") return [body]
  const statements = body.body as ReadonlyArray<Node>
  return statements.flatMap(({ type, argument }) =>
    type === "ReturnStatement" && argument ? [argument] : []
  )
}

/** Of a constant, what it is set to. */
const valueOf = (binding: Binding | undefined): Node | undefined =>
  binding?.type === "Variable" && binding.parent?.kind === "const"
    ? (binding.node.init ?? undefined)
    : undefined
