/** Finds out, when a task is declared, whether every value of a schema survives its JSON form. */
import type * as SchemaAST from "effect/SchemaAST"
import { ambiguity, nameOf } from "./ambiguity.ts"
import { childrenOf } from "./ast.ts"
import { dropsOf } from "./keeping.ts"

/** Why values of this codec cannot travel, or `undefined` when they can. */
export const whyNoJson = (codec: SchemaAST.AST): string | undefined => visit(codec, new Set())

const visit = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): string | undefined => {
  if (seen.has(ast)) return undefined
  seen.add(ast)
  const own = whyNot(ast)
  if (own !== undefined) return own
  for (const child of childrenOf(ast)) {
    const reason = visit(child, seen)
    if (reason !== undefined) return reason
  }
  return undefined
}

const whyNot = (ast: SchemaAST.AST): string | undefined => {
  switch (ast._tag) {
    case "Any":
    case "Unknown":
    case "ObjectKeyword":
      return `it contains ${names[ast._tag]}, which allows values that JSON would lose: use Schema.Json, or say what is inside`
    case "Declaration": {
      const { toCodecJson, toCodec } = ast.annotations ?? {}
      if (typeof toCodecJson === "function" || typeof toCodec === "function") return undefined
      const { identifier, title, expected } = ast.annotations ?? {}
      const name = [identifier, title, expected].find((name) => typeof name === "string")
      return `it contains ${name ?? "a declared class"}, which has no JSON form: use Schema.Class, or give the schema a toCodecJson annotation`
    }
    case "Objects":
      return ast.propertySignatures.some(({ name }) => name === "__proto__")
        ? "it contains a field called __proto__, which would be lost: give it another name"
        : undefined
    case "Union":
      return ambiguity(ast) ?? lossInside(ast)
    default:
      return undefined
  }
}

const lossInside = (union: SchemaAST.Union): string | undefined => {
  if (dropsOf(union) !== "inside") return undefined
  const among = [...new Set(union.types.map(nameOf))].join(" and ")
  return `it contains a union of ${among}, in which an Option, a Map or the like holds less in one member than in another, so that something would be lost: give it the same contents in both, as in Schema.Option(Schema.Union([…])), or wrap each member in a struct with a _tag`
}

const names = {
  Any: "Schema.Any",
  Unknown: "Schema.Unknown",
  ObjectKeyword: "Schema.ObjectKeyword"
} as const
