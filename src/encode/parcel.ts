/** Packs messages with their slots, and reads them back without trusting a byte. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { packEnvelope, unpackEnvelope } from "./envelope.ts"
import { Message, messageVersion } from "./message.ts"

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

const readMessage = Schema.decodeUnknownResult(Message)

export const unpackMessage = (body: Uint8Array): Parcel | Unreadable => {
  const envelope = unpackEnvelope(body)
  if (typeof envelope === "string") return new Unreadable({ why: "broken", message: envelope })
  const { v } = envelope.header
  if (typeof v === "number" && v > messageVersion) {
    return new Unreadable({
      why: "newer",
      message: `message version ${v}; this release reads up to ${messageVersion}`
    })
  }
  try {
    const read = readMessage(envelope.header)
    if (Result.isSuccess(read)) return { message: read.success, slots: envelope.slots }
    return new Unreadable({ why: "broken", message: String(read.failure) })
  } catch (cause) {
    return new Unreadable({ why: "broken", message: `the header cannot be read: ${String(cause)}` })
  }
}

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
