/** Packs messages with their slots, and reads them back without trusting a byte. */
import * as Schema from "effect/Schema"
import { received } from "../define/describe-value.ts"
import { packEnvelope, unpackEnvelope } from "./framing.ts"
import { type Message, messageVersion } from "./message.ts"
import { readerOf } from "./header-decoder.ts"

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
    if (read === undefined) return strangeKind(header["kind"])
    const message = read(header)
    return "why" in message ? new Unreadable(message) : { message, slots }
  } catch (cause) {
    return broken(`the header cannot be read: ${String(cause)}`)
  }
}

const strangeKind = (kind: unknown): Unreadable =>
  typeof kind === "string"
    ? new Unreadable({
        why: "newer",
        message: `a message of the kind ${received(kind)}, which this release does not know`
      })
    : broken(`no kind of message is ${received(kind)}`)

/** Whether an error says that a newer release can read what this one cannot. */
export const isNewer = (cause: unknown): cause is Unreadable =>
  cause instanceof Unreadable && cause.why === "newer"

const broken = (message: string): Unreadable => new Unreadable({ why: "broken", message })

/** What a record of each kind is called where it cannot be read. */
const recordWords: { readonly [K in Message["kind"]]: string } = {
  call: "a call",
  expand: "an expansion",
  sleep: "the end of a sleep",
  expire: "the end of a call's time",
  collect: "a timer of its run",
  cancel: "a cancel",
  outcome: "an outcome",
  frame: "a stored plan",
  attempt: "a record of an attempt",
  dead: "a dead letter",
  key: "a key",
  schedule: "a schedule",
  scheduleGroup: "a group of schedules",
  tick: "a tick of a schedule"
}

/** Reads a body that must hold one kind of message. */
export const unpackKind = <K extends Message["kind"]>(
  body: Uint8Array,
  kind: K
): Parcel<Extract<Message, { readonly kind: K }>> => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) {
    throw new Unreadable({
      why: parcel.why,
      message: `${recordWords[kind]} with ${parcel.message}`
    })
  }
  if (parcel.message.kind !== kind) {
    throw new Unreadable({
      why: "broken",
      message: `a ${parcel.message.kind} where a ${kind} belongs`
    })
  }
  return parcel as Parcel<Extract<Message, { readonly kind: K }>>
}
