/** A short name for the wire form of a contract: equal for equal JSON, whatever the schemas are called. */
import { createHash } from "node:crypto"
import * as SchemaAST from "effect/SchemaAST"

/** The fingerprint of everything that travels for a task. Checks are left out: they change values, not their form. */
export const fingerprintOf = (
  input: ReadonlyArray<SchemaAST.AST>,
  output: SchemaAST.AST,
  errors: ReadonlyArray<SchemaAST.AST>
): string => {
  const described = [input.map(formOf), formOf(output), errors.map(formOf).toSorted()]
  return createHash("sha256").update(JSON.stringify(described)).digest("base64url").slice(0, 12)
}

const formOf = (codec: SchemaAST.AST): string => form(SchemaAST.toEncoded(codec), [])

/** Where a schema contains itself, its distance upwards stands for it. */
const form = (ast: SchemaAST.AST, above: ReadonlyArray<SchemaAST.AST>): string => {
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
