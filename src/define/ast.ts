/** The inside of a schema tree, for whoever walks it. */
import type * as SchemaAST from "effect/SchemaAST"

/** What a node is made of, what it is encoded to among it. A declaration that is JSON itself has nothing more. */
export const childrenOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  const encoded = (ast.encoding ?? []).map((link) => link.to)
  switch (ast._tag) {
    case "Declaration":
      return [...ast.typeParameters, ...encoded]
    case "Arrays":
      return [...ast.elements, ...ast.rest, ...encoded]
    case "Objects":
      return [
        ...ast.propertySignatures.map((property) => property.type),
        ...ast.indexSignatures.map((index) => index.type),
        ...encoded
      ]
    case "Union":
      return [...ast.types, ...encoded]
    case "Suspend":
      return [ast.thunk(), ...encoded]
    default:
      return encoded
  }
}

/** Under what name a declaration of effect's own can be found again. */
export const idOf = ({ annotations }: SchemaAST.Declaration): unknown => {
  const representation = annotations?.["representation"]
  return typeof representation === "object" && representation !== null && "id" in representation
    ? representation.id
    : undefined
}
