/** A short name for the wire form of a contract: equal for equal JSON, whatever the schemas are called. */
import * as SchemaAST from "effect/SchemaAST"
import { childrenOf } from "./ast.ts"
import { sha256 } from "./sha256.ts"

/** How many characters each half has. */
const half = 6

/** The fingerprint of everything that travels for a task: one half of what it takes, the other of what it gives and fails with. */
export const fingerprintOf = (
  input: ReadonlyArray<SchemaAST.AST>,
  output: SchemaAST.AST,
  errors: ReadonlyArray<SchemaAST.AST>
): string =>
  hashOf(input.map(formOf)) + hashOf(["gives", formOf(output), ...errors.map(formOf).toSorted()])

/** Whether two contracts take the same. */
export const takesSame = (one: string, other: string): boolean =>
  one === other || one.slice(0, half) === other.slice(0, half)

/** Whether two contracts give the same, and fail with the same. */
export const givesSame = (one: string, other: string): boolean =>
  one === other || one.slice(half) === other.slice(half)

/** As base64url, of which the first bytes are enough. */
const hashOf = (described: ReadonlyArray<string>): string =>
  btoa(String.fromCharCode(...sha256(JSON.stringify(described)).subarray(0, half)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .slice(0, half)

const formOf = (codec: SchemaAST.AST): string =>
  `${form(SchemaAST.toEncoded(codec), [])}${behindEncoding(codec, new Set()).toSorted().join("")}`

/** Checks of values that have another form as JSON, such as the earliest date. */
const behindEncoding = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): ReadonlyArray<string> => {
  if (seen.has(ast)) return []
  seen.add(ast)
  const own = ast.encoding === undefined ? "" : checksOf(ast.checks)
  const inner = childrenOf(ast).flatMap((child) => behindEncoding(child, seen))
  return own === "" ? inner : [own, ...inner]
}

/** What is refused although it has the form: a contract that allows more is another one. A check without words has only its place. */
const checksOf = (checks: SchemaAST.Checks | undefined): string =>
  checks === undefined ? "" : `<${checks.map(checkOf).join(",")}>`

const checkOf = (check: SchemaAST.Check<unknown>): string => {
  if (check._tag === "FilterGroup") return checksOf(check.checks as SchemaAST.Checks)
  const { expected } = check.annotations ?? {}
  return typeof expected === "string" ? JSON.stringify(expected) : "check"
}

/** Where a schema contains itself, its distance upwards stands for it. */
const form = (ast: SchemaAST.AST, above: ReadonlyArray<SchemaAST.AST>): string =>
  `${shape(ast, above)}${checksOf(ast.checks)}`

const shape = (ast: SchemaAST.AST, above: ReadonlyArray<SchemaAST.AST>): string => {
  const of = (child: SchemaAST.AST): string => form(child, [...above, ast])
  const optional = (child: SchemaAST.AST): string =>
    `${child.context?.isOptional === true ? "?" : ""}${of(child)}`
  switch (ast._tag) {
    case "Suspend": {
      const inner = ast.thunk()
      const at = above.indexOf(inner)
      return at >= 0 ? `^${above.length - at}` : form(inner, above)
    }
    case "Arrays":
      return `[${ast.elements.map(optional).join(",")}|${ast.rest.map(of).join(",")}]`
    case "Objects": {
      const properties = ast.propertySignatures
        .map(({ name, type }) => `${JSON.stringify(String(name))}:${optional(type)}`)
        .toSorted()
      const rest = ast.indexSignatures.map(({ parameter, type }) => `${of(parameter)}:${of(type)}`)
      return `{${properties.join(",")}|${rest.toSorted().join(",")}}`
    }
    case "Union":
      return `(${ast.types.map(of).toSorted().join("|")})`
    case "Literal":
      return JSON.stringify(String(ast.literal)) + typeof ast.literal
    case "Enum":
      return `enum${JSON.stringify(ast.enums.map(([, value]) => value).toSorted())}`
    case "TemplateLiteral":
      return `template(${ast.parts.map(of).join(",")})`
    default:
      return ast._tag
  }
}
