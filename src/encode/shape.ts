/**
 * Readers of message headers, one for each set of fields that occurs.
 *
 * Most fields of a message are absent from most messages, and a parser pays for every field that could be there: one that
 * knows which are there takes a quarter of the time.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { type Message, messages } from "./message.ts"

/** Reads a header, or says what is wrong with it. */
type Read = (header: unknown) => Message | string

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
  const read = reader(messages[kind as Message["kind"]].fields as Fields, header)
  if (known.length < most) known.push({ names: Object.keys(header), read })
  return read
}

const has = (header: object, names: ReadonlyArray<string>): boolean => {
  let at = 0
  for (const name in header) if (names[at++] !== name) return false
  return at === names.length
}

const reader = (all: Fields, header: object): Read => {
  const fields = Object.entries(all).filter(
    ([name, { ast }]) => Object.hasOwn(header, name) || !SchemaAST.isOptional(ast)
  )
  const struct = Schema.Struct(Object.fromEntries(fields)) as unknown as Schema.Codec<Message>
  const parse = SchemaParser.decodeUnknownResult(struct)
  return (header) => {
    const read = parse(header)
    return Result.isSuccess(read) ? read.success : String(read.failure)
  }
}
