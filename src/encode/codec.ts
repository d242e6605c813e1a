/**
 * Packs messages with their slots, and reads them back without trusting a byte: one line of JSON that the engine reads,
 * then opaque byte slots that it only passes on.
 */
import * as Schema from "effect/Schema"
import { received } from "../define/describe-value.ts"
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

/** A header and its slots. A slot is canonical JSON text in codec `json`, the only codec so far. */
export interface Envelope {
  readonly header: Record<string, unknown>
  readonly slots: ReadonlyArray<string>
}

const decoder = new TextDecoder("utf-8", { fatal: true })

const newline = 10

export const packEnvelope = (header: object, slots: ReadonlyArray<string>): Uint8Array => {
  if (slots.length === 0) return Buffer.from(`${JSON.stringify(header)}\n`)
  if (slots.length === 1) return Buffer.from(`${JSON.stringify(header)}\n${slots[0]}`)
  const lengths = slots.map((slot) => Buffer.byteLength(slot))
  return Buffer.from(`${JSON.stringify({ ...header, slots: lengths })}\n${slots.join("")}`)
}

/** Reads an envelope, or says why it is none. Never throws for what the bytes hold. */
export const unpackEnvelope = (body: Uint8Array): Envelope | string => {
  if (!body.includes(newline)) return "no header line"
  try {
    const text = decoder.decode(body)
    const end = text.indexOf("\n")
    const header: unknown = JSON.parse(text.slice(0, end))
    if (typeof header !== "object" || header === null || Array.isArray(header)) {
      return "the header is not an object"
    }
    return {
      header: header as Record<string, unknown>,
      slots: slotsOf(header, text.slice(end + 1), body)
    }
  } catch (cause) {
    return `the header cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

const slotsOf = (header: object, text: string, body: Uint8Array): ReadonlyArray<string> => {
  const lengths: unknown = "slots" in header ? header.slots : undefined
  if (!Array.isArray(lengths)) return text === "" ? [] : [text]
  const bytes = body.subarray(body.indexOf(newline) + 1)
  // As many characters as bytes: then each is one, and the text can be cut where the bytes would be.
  const plain = bytes.length === text.length
  let from = 0
  return lengths.map((length: unknown) => {
    if (typeof length !== "number" || !(length >= 0) || from + length > bytes.length) {
      throw new RangeError("a slot reaches beyond the body")
    }
    const to = from + length
    const slot = plain ? text.slice(from, to) : decoder.decode(bytes.subarray(from, to))
    from = to
    return slot
  })
}
