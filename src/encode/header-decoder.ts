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
import { type Find, finderOf, isWords, unknownField } from "./newer.ts"

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
