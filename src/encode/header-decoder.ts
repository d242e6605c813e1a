/**
 * Readers of message headers, one for each set of fields that occurs.
 *
 * Most fields of a message are absent from most messages, and a parser pays for every field that could be there: one that
 * knows which are there takes a quarter of the time. What a newer release wrote is found when its set of fields is first
 * met, and inside of fields that are objects, which few messages have.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { type Message, messages } from "./message.ts"
import { shorten } from "../define/describe-value.ts"

/** Why a header is none that this release can act on. */
export interface Wrong {
  readonly why: "newer" | "broken"
  readonly message: string
}

/** Reads a header, or says what is wrong with it. */
type Read = (header: unknown) => Message | Wrong

type Fields = { readonly [name: string]: Schema.Top }

/** A reader, and the fields it expects, in their order. */
interface Shape {
  readonly names: ReadonlyArray<string>
  readonly read: Read
}

/** How many sets of fields of a kind are remembered: strangers could think of any number. */
const most = 32

const shapes = new Map<string, Array<Shape>>(Object.keys(messages).map((kind) => [kind, []]))

/** The reader for a header with these fields; `undefined` when its kind is unknown. */
export const readerOf = (header: { readonly [name: string]: unknown }): Read | undefined => {
  const { kind } = header
  const known = shapes.get(kind as string)
  if (known === undefined) return undefined
  for (const shape of known) if (has(header, shape.names)) return shape.read
  const all = messages[kind as Message["kind"]].fields as Fields
  const stranger = Object.keys(header).find((name) => name !== "slots" && !Object.hasOwn(all, name))
  if (stranger !== undefined) return () => newer(unknownField(stranger))
  const read = reader(all, header)
  if (known.length < most) known.push({ names: Object.keys(header), read })
  return read
}

const has = (header: object, names: ReadonlyArray<string>): boolean => {
  let at = 0
  for (const name in header) if (names[at++] !== name) return false
  return at === names.length
}

const newer = (message: string): Wrong => ({ why: "newer", message })

const reader = (all: Fields, header: object): Read => {
  const fields = Object.entries(all).filter(
    ([name, { ast }]) => Object.hasOwn(header, name) || !SchemaAST.isOptional(ast)
  )
  const struct = Schema.Struct(Object.fromEntries(fields)) as unknown as Schema.Codec<Message>
  const parse = SchemaParser.decodeUnknownResult(struct)
  const finders = fields.flatMap(
    ([name, field]): ReadonlyArray<readonly [string, Find, boolean]> => {
      const find = finderOf(field)
      return find === undefined ? [] : [[name, find, isWords(field)]]
    }
  )
  const inside = finders.filter(([, , words]) => !words)
  return (header) => {
    const read = parse(header)
    const found = findIn(header as Header, Result.isSuccess(read) ? inside : finders)
    if (found !== undefined) return newer(found)
    return Result.isSuccess(read) ? read.success : { why: "broken", message: String(read.failure) }
  }
}

type Header = { readonly [name: string]: unknown }

const findIn = (
  header: Header,
  finders: ReadonlyArray<readonly [string, Find, boolean]>
): string | undefined => {
  for (const [name, find] of finders) {
    const found = find(header[name], name)
    if (found !== undefined) return found
  }
  return undefined
}

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
