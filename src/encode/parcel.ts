/** Packs messages with their slots, and reads them back without trusting a byte. */
import * as Schema from "effect/Schema"
import { received } from "../define/received.ts"
import { packEnvelope, unpackEnvelope } from "./envelope.ts"
import { type Message, messageVersion } from "./message.ts"
import { readerOf } from "./shape.ts"

/** A message with its slots. */
export interface Parcel<M extends Message = Message> {
  readonly message: M
  readonly slots: ReadonlyArray<string>
}

/** Why a body is not a message this release can act on. A `newer` one is for a newer worker; a `broken` one for nobody. */
export class Unreadable extends Schema.TaggedError<Unreadable>()("Unreadable", {
  why: Schema.Literals(["newer", "broken"]),
  message: Schema.String
}) {}

export const packMessage = (message: Message, slots: ReadonlyArray<string> = []): Uint8Array =>
  packEnvelope(message, slots)

export const unpackMessage = (body: Uint8Array): Parcel | Unreadable => {
  const envelope = unpackEnvelope(body)
  if (typeof envelope === "string") return broken(envelope)
  const { header, slots } = envelope
  const { v } = header
  if (typeof v === "number" && v > messageVersion) {
    return new Unreadable({
      why: "newer",
      message: `message version ${v}; this release reads up to ${messageVersion}`
    })
  }
  try {
    const read = readerOf(header)
    if (read === undefined) return broken(`no kind of message is ${received(header["kind"])}`)
    const message = read(header)
    return typeof message === "string" ? broken(message) : { message, slots }
  } catch (cause) {
    return broken(`the header cannot be read: ${String(cause)}`)
  }
}

const broken = (message: string): Unreadable => new Unreadable({ why: "broken", message })

/** Reads a body that must hold one kind of message. */
export const unpackKind = <K extends Message["kind"]>(
  body: Uint8Array,
  kind: K
): Parcel<Extract<Message, { readonly kind: K }>> => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) throw parcel
  if (parcel.message.kind !== kind) {
    throw new Unreadable({
      why: "broken",
      message: `a ${parcel.message.kind} where a ${kind} belongs`
    })
  }
  return parcel as Parcel<Extract<Message, { readonly kind: K }>>
}
