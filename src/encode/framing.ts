/** The outer form of everything stored: one line of JSON that the engine reads, then opaque byte slots that it only passes on. */

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
