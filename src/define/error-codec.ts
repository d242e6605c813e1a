/** Turns a task's declared errors into JSON and back, and tells them from everything else. */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { codecOf, type SchemaCodec, type ValueCodec } from "./codec.ts"
import { Misfit } from "./schema-mismatch.ts"
import { received } from "./describe-value.ts"
import { schemaOf, tagTold } from "./standard.ts"

/** One codec for all errors of a contract; the `_tag` in the JSON says which. */
export interface ErrorCodec extends ValueCodec {
  readonly tags: ReadonlySet<string>
  /** Whether a value is one of the declared errors, and not merely shaped like one. */
  readonly declares: (value: unknown) => boolean
  /** The class that is declared with this tag; `undefined` where it is no class, or nothing is. */
  readonly classOf: (tag: string) => ErrorClass | undefined
  readonly asts: ReadonlyArray<SchemaAST.AST>
}

/** A class of errors, as far as messages name it. */
export type ErrorClass = abstract new (...fields: never) => unknown

interface TaggedCodec {
  readonly codec: SchemaCodec
  readonly is: (value: unknown) => boolean
  readonly errorClass: ErrorClass | undefined
}

/** The codec of a list of error schemas, or the reason why one of them cannot be declared. */
export const errorCodecOf = (errors: ReadonlyArray<unknown>): ErrorCodec | string => {
  const byTag = new Map<string, TaggedCodec>()
  const asts: Array<SchemaAST.AST> = []
  for (const [at, given] of errors.entries()) {
    const schema = schemaOf(given)
    if (schema === undefined)
      return `errors[${at}] is not a schema: declare the error with Schema.TaggedError, or by a schema of zod or arktype with a literal _tag`
    if (typeof schema === "string") return `errors[${at}]: ${schema}`
    const codec = codecOf(schema)
    if (typeof codec === "string") return `errors[${at}]: ${codec}`
    const is = Schema.is(schema)
    const tags = tagsOf(SchemaAST.toEncoded(codec.ast))
    if (tags === undefined)
      return `errors[${at}] ${whyNoTag(given, SchemaAST.toEncoded(codec.ast))}`
    for (const tag of tags) {
      if (byTag.has(tag))
        return `errors[${at}] has the same _tag as another error: ${tag}. Give one of them another: by it they are told apart`
      byTag.set(tag, { codec, is, errorClass: classIn(schema, tag) })
    }
    asts.push(codec.ast)
  }
  const find = (value: unknown): TaggedCodec | undefined =>
    typeof value === "object" && value !== null && "_tag" in value
      ? byTag.get(String(value._tag))
      : undefined
  const pick = (value: unknown): ValueCodec => {
    const found = find(value)
    if (found !== undefined) return found.codec
    const tags = [...byTag.keys()].join(", ")
    throw new Misfit(
      "",
      `a declared error (${tags === "" ? "there is none" : tags})`,
      received(value)
    )
  }
  return {
    tags: new Set(byTag.keys()),
    declares: (value) => find(value)?.is(value) === true,
    classOf: (tag) => byTag.get(tag)?.errorClass,
    encode: (value) => pick(value).encode(value),
    decode: (json) => pick(json).decode(json),
    asts
  }
}

/** The class with this tag that a schema is, or has among its members. */
const classIn = (schema: Schema.Constraint, tag: string): ErrorClass | undefined => {
  const { ast, members = [] } = schema as unknown as {
    readonly ast: SchemaAST.AST
    readonly members?: ReadonlyArray<Schema.Constraint>
  }
  if (ast._tag === "Declaration") {
    const isIt = tagsOf(SchemaAST.toEncoded(ast))?.includes(tag) ?? true
    return isIt && typeof schema === "function" && isClass(schema)
      ? (schema as unknown as ErrorClass)
      : undefined
  }
  for (const member of members) {
    const found = classIn(member, tag)
    if (found !== undefined) return found
  }
  return undefined
}

/** What is the matter with the `_tag` of something that cannot be told from other errors. */
const whyNoTag = (given: unknown, encoded: SchemaAST.AST): string => {
  const told = tagTold(given)
  const hasOne = (told?.has ?? false) || hasTag(encoded)
  const wrong = hasOne
    ? "has a _tag that can be any text, or be left out, and errors are told apart by it"
    : "has no _tag"
  if (told === undefined) return `${wrong}: declare it with Schema.TaggedError`
  const { vendor, has } = told
  if (has === undefined) {
    return `is a schema of which ${vendor} does not say its JSON Schema, so its _tag is not known: wrap it in what adds that (for valibot, toStandardJsonSchema of @valibot/to-json-schema), or declare it with Schema.TaggedError`
  }
  const example = vendor === "zod" ? ', z.literal("CardDeclined")' : ""
  return `${wrong}: give it a literal one, for example "CardDeclined"${example}, or declare it with Schema.TaggedError`
}

const hasTag = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Union"
    ? ast.types.some(hasTag)
    : ast._tag === "Objects" && ast.propertySignatures.some(({ name }) => name === "_tag")

/** Whether somebody wrote it as a class: any other schema is a function, too, but nothing to throw a `new` one of. */
const isClass = (schema: object): boolean => "identifier" in schema

/** Every `_tag` an encoded schema can have, or `undefined` when one alternative has none. */
const tagsOf = (ast: SchemaAST.AST): ReadonlyArray<string> | undefined => {
  if (ast._tag === "Suspend") return tagsOf(ast.thunk())
  if (ast._tag === "Union") {
    const tags = ast.types.map(tagsOf)
    return tags.includes(undefined) ? undefined : tags.flatMap((tags) => tags ?? [])
  }
  if (ast._tag !== "Objects") return undefined
  const type = ast.propertySignatures.find(({ name }) => name === "_tag")?.type
  if (type?._tag === "Literal" && typeof type.literal === "string") return [type.literal]
  if (type?._tag !== "Union") return undefined
  const literals = type.types.map((member) => (member._tag === "Literal" ? member.literal : null))
  return literals.every((literal) => typeof literal === "string") ? literals : undefined
}
