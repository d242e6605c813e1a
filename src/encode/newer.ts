/** Finds in a header what only a newer release can have written: a field that is not ours, or a word that is not in its list. */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { shorten } from "../define/describe-value.ts"

/** Says what of a value is unknown here, if anything. */
export type Find = (value: unknown, path: string) => string | undefined

/** The finder for values of a schema; `undefined` where everything is allowed, as in a record of labels. */
export const finderOf = ({ ast }: Pick<Schema.Top, "ast">): Find | undefined => finderIn(ast)

/** Whether a schema is a list of words and nothing else: a value that fits it has been compared already. */
export const isWords = ({ ast }: Pick<Schema.Top, "ast">): boolean => wordsIn(ast) !== undefined

/** What is said of a field that is not ours. */
export const unknownField = (path: string): string =>
  `a field ${JSON.stringify(shorten(path))} that this release does not know`

const finderIn = (ast: SchemaAST.AST): Find | undefined => {
  const words = wordsIn(ast)
  if (words !== undefined) return wordFinder(words)
  switch (ast._tag) {
    case "Objects":
      return ast.indexSignatures.length > 0 ? undefined : objectFinder(ast)
    case "Union":
      return unionFinder(ast)
    case "Arrays":
      return listFinder(ast.rest[0])
    default:
      return undefined
  }
}

/** The words of a closed list. */
const wordsIn = (ast: SchemaAST.AST): ReadonlySet<unknown> | undefined => {
  if (ast._tag === "Literal") return new Set([ast.literal])
  if (ast._tag !== "Union" || !ast.types.every(({ _tag }) => _tag === "Literal")) return undefined
  return new Set(ast.types.map((type) => (type as SchemaAST.Literal).literal))
}

const wordFinder =
  (words: ReadonlySet<unknown>): Find =>
  (value, path) =>
    typeof value === "string" && !words.has(value)
      ? `${path} = ${JSON.stringify(shorten(value))}, which this release does not know`
      : undefined

const objectFinder = ({ propertySignatures }: SchemaAST.Objects): Find => {
  const fields = new Map(
    propertySignatures.map(({ name, type }) => [String(name), finderIn(type)] as const)
  )
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    for (const name in value) {
      const at = path === "" ? name : `${path}.${name}`
      if (!fields.has(name)) return unknownField(at)
      const found = fields.get(name)?.((value as { [name: string]: unknown })[name], at)
      if (found !== undefined) return found
    }
    return undefined
  }
}

const listFinder = (item: SchemaAST.AST | undefined): Find | undefined => {
  const find = item === undefined ? undefined : finderIn(item)
  if (find === undefined) return undefined
  return (value, path) => {
    if (!Array.isArray(value)) return undefined
    for (const [at, item] of value.entries()) {
      const found = find(item, `${path}[${at}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** Which member a value is of, the one field with a word says in which they differ. */
const unionFinder = ({ types }: SchemaAST.Union): Find | undefined => {
  if (!types.every((type): type is SchemaAST.Objects => type._tag === "Objects")) return undefined
  const { name } = types[0]?.propertySignatures.find(({ type }) => type._tag === "Literal") ?? {}
  if (name === undefined) return undefined
  const members = new Map<unknown, Find>()
  for (const type of types) {
    const tag = type.propertySignatures.find((property) => property.name === name)?.type
    if (tag?._tag === "Literal") members.set(tag.literal, objectFinder(type))
  }
  const words = wordFinder(new Set(members.keys()))
  return (value, path) => {
    if (typeof value !== "object" || value === null) return undefined
    const tag = (value as { [name: PropertyKey]: unknown })[name]
    return words(tag, `${path}.${String(name)}`) ?? members.get(tag)?.(value, path)
  }
}
