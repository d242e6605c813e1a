/**
 * Finds unions whose members share a JSON form, so that a value could come back as another: null and undefined are both
 * `null`, a Date and a string are both strings. Where it cannot tell two members apart it says they are ambiguous.
 */
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { childrenOf, idOf } from "./ast.ts"
import { readersOf } from "./keeping.ts"
import { isEmpty, overlaps } from "./json-overlap.ts"

/** Why a union loses which member a value was of, or `undefined` when it does not. */
export const ambiguity = (union: SchemaAST.Union): string | undefined => {
  const members = union.types.flatMap(flatten)
  for (let left = 0; left < members.length; left++) {
    for (let right = left + 1; right < members.length; right++) {
      if (ambiguous(members[left]!, members[right]!, 0)) {
        return sentence(members[left]!, members[right]!)
      }
    }
  }
  return undefined
}

const flatten = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  ast._tag === "Union" && ast.encoding === undefined ? ast.types.flatMap(flatten) : [ast]

/** Deeper than this, two recursive members are taken to be alike. */
const deepest = 12

const ambiguous = (x: SchemaAST.AST, y: SchemaAST.AST, depth: number): boolean => {
  if (x === y || depth > deepest || (isPlain(x) && isPlain(y))) return false
  if (x._tag === "Suspend") return ambiguous(x.thunk(), y, depth + 1)
  if (y._tag === "Suspend") return ambiguous(x, y.thunk(), depth + 1)
  if (x._tag === "Union") return flatten(x).some((member) => ambiguous(member, y, depth + 1))
  if (y._tag === "Union") return flatten(y).some((member) => ambiguous(x, member, depth + 1))
  if (isPlainLiteral(x)) return reads(y, x.literal)
  if (isPlainLiteral(y)) return reads(x, y.literal)
  return overlaps(SchemaAST.toEncoded(x), SchemaAST.toEncoded(y), 0) && differ(x, y, depth)
}

const isPlainLiteral = (ast: SchemaAST.AST): ast is SchemaAST.Literal =>
  ast._tag === "Literal" && ast.encoding === undefined

const reads = (ast: SchemaAST.AST, literal: SchemaAST.LiteralValue): boolean =>
  Exit.isSuccess(SchemaParser.decodeUnknownExit(Schema.make<Schema.Codec<unknown>>(ast))(literal))

/** Whether every value is its own JSON form. */
const isPlain = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST> = new Set()): boolean => {
  if (seen.has(ast)) return true
  seen.add(ast)
  return ast.encoding === undefined && childrenOf(ast).every((child) => isPlain(child, seen))
}

/** Whether one JSON value means two things to members that both accept it. */
const differ = (x: SchemaAST.AST, y: SchemaAST.AST, depth: number): boolean => {
  const among = (x: SchemaAST.AST, y: SchemaAST.AST): boolean => ambiguous(x, y, depth + 1)
  if (x._tag === "Objects" && y._tag === "Objects") {
    // One of them takes anything as it is, and the other is not its own JSON form.
    if (isEmpty(x) || isEmpty(y)) return true
    const one = (of: SchemaAST.Objects, by: SchemaAST.Objects): boolean =>
      of.propertySignatures.some(({ name, type }) =>
        readersOf(by, name).some((reader) => among(type, reader))
      )
    return (
      one(x, y) ||
      one(y, x) ||
      x.indexSignatures.some((left) =>
        y.indexSignatures.some((right) => among(left.type, right.type))
      )
    )
  }
  if (x._tag === "Arrays" && y._tag === "Arrays") {
    const both = (left: SchemaAST.AST | undefined, right: SchemaAST.AST | undefined): boolean =>
      left !== undefined && right !== undefined && among(left, right)
    return (
      x.elements.some((left, at) => both(left, y.elements[at] ?? y.rest[0])) ||
      y.elements.some((right, at) => both(x.elements[at] ?? x.rest[0], right)) ||
      x.rest.some((left, at) => both(left, y.rest[at]))
    )
  }
  if (x._tag === "Declaration" && y._tag === "Declaration") {
    const [left, right] = [x.encoding?.[0].to, y.encoding?.[0].to]
    const id = idOf(x)
    if (id === undefined || id !== idOf(y)) return true
    return left !== undefined && right !== undefined && among(left, right)
  }
  return kind(x) !== kind(y) || x._tag === "Declaration"
}

const kind = (ast: SchemaAST.AST): string => (ast._tag === "Void" ? "Undefined" : ast._tag)

/** What an error calls a schema. */
export const nameOf = (ast: SchemaAST.AST): string => {
  const { identifier, title, expected } = ast.annotations ?? {}
  const name = [identifier, title, expected].find((name) => typeof name === "string")
  return (
    name ?? (ast._tag === "Literal" ? JSON.stringify(String(ast.literal)) : kind(ast).toLowerCase())
  )
}

/** The `_tag` that every value of a member has. */
const tagIn = (ast: SchemaAST.AST): string | undefined => {
  const encoded = SchemaAST.toEncoded(ast)
  if (encoded._tag !== "Objects") return undefined
  const type = encoded.propertySignatures.find(({ name }) => name === "_tag")?.type
  return type?._tag === "Literal" ? String(type.literal) : undefined
}

const sentence = (x: SchemaAST.AST, y: SchemaAST.AST): string => {
  const names = [nameOf(x), nameOf(y)]
  const tag = tagIn(x)
  const way =
    tag !== undefined && tag === tagIn(y)
      ? `give one of them another _tag than ${JSON.stringify(tag)}`
      : names.includes("null") && names.includes("undefined")
        ? "allow only one of them, for example Schema.optionalKey(Schema.NullOr(…)) or Schema.optional(…)"
        : names.includes("number")
          ? "use Schema.Finite, or wrap each in a struct with a _tag"
          : "wrap each in a struct with a _tag"
  return `it contains a union of ${names.join(" and ")}, which share a JSON form, so that one would come back as the other: ${way}`
}
