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

/** How many sets of fields are remembered: strangers could think of any number. */
const most = 256

const readers = new Map<string, Read>()

/** The reader for a header with these fields; `undefined` when its kind is unknown. */
export const readerOf = (header: { readonly [name: string]: unknown }): Read | undefined => {
  const { kind } = header
  if (typeof kind !== "string" || !Object.hasOwn(messages, kind)) return undefined
  let shape = kind
  for (const name in header) shape += ` ${name}`
  const known = readers.get(shape)
  if (known !== undefined) return known
  const read = reader(messages[kind as Message["kind"]].fields as Fields, header)
  if (readers.size < most) readers.set(shape, read)
  return read
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
