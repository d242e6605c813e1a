/** Keeps values that are too large for one record in parts of their own. */
import { isAscii } from "node:buffer"
import { newToken } from "../encode/ids.ts"
import { kinds } from "../encode/kinds.ts"
import type { Reference } from "../encode/value-ref.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Broker } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import type { RunFacts } from "./flow/position.ts"

export type ChunksReference = Extract<Reference, { readonly from: "chunks" }>

/** The largest value Arpeggio moves, in bytes. */
export const largestValue = 64 * 1024 * 1024

/** How much longer than the outcome that names them its parts are kept, in milliseconds. */
const outlive = 60_000

/** Parts of one value that are read at a time. */
const atOnce = 8

/** A value in more bytes than this lets others go first. */
const largeFrom = 1024 * 1024

/** How a value is kept in parts. */
export interface Cut {
  /** Bytes of a part. */
  readonly size: number
  /** Whether they live as long as the outcome of the run. */
  readonly kept: boolean
}

/** Stores a text in parts. */
export const storeChunks = async (
  broker: Broker,
  run: RunFacts,
  text: string,
  { size, kept }: Cut
): Promise<ChunksReference> => {
  const bytes = Buffer.from(text)
  if (bytes.length > largestValue) throw tooLarge(bytes.length)
  const id = newToken()
  const count = Math.ceil(bytes.length / size)
  const mark = kept ? { kept } : {}
  const reference: ChunksReference = { from: "chunks", id, count, bytes: bytes.length, ...mark }
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      broker.publish({
        subject: subjectOf(broker, run.address, reference, at),
        body: bytes.subarray(at * size, (at + 1) * size),
        part: bytes.length > largeFrom,
        ...(kept ? { ttl: run.keep + outlive } : {})
      })
    )
  )
  return reference
}

/** Puts a text together again. */
export const readChunks = async (
  broker: Broker,
  address: RunAddress,
  reference: ChunksReference
): Promise<string> => {
  const { count, bytes } = reference
  // All are of one size, but for the last.
  const part = { bytes: Math.ceil(bytes / Math.max(count - 1, 1)), large: bytes > largeFrom }
  const parts: Array<Uint8Array> = []
  let next = 0
  const read = async (): Promise<void> => {
    while (next < count) {
      const at = next
      next += 1
      const subject = subjectOf(broker, address, reference, at)
      const stored = await broker.read(subject, undefined, part)
      if (stored === undefined) throw lost(`part ${at + 1} of ${count} of a large value`)
      parts[at] = stored.body
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, read))
  return textIn(Buffer.concat(parts))
}

/** A text that is ASCII, as most large ones are, is read several times as fast when that is known. */
const textIn = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? "latin1" : "utf8")

const subjectOf = (
  broker: Broker,
  address: RunAddress,
  { id, kept }: ChunksReference,
  at: number
): string =>
  recordSubject(
    broker.facts.namespace,
    kept === true ? kinds.keptValue : kinds.value,
    address,
    id,
    String(at)
  )

/** Something that a record names is not there. */
export const lost = (what: string): BrokerError =>
  new BrokerError({
    reason: "Gone",
    message: `${what} is no longer stored: it was removed from the stream by hand, or the run was collected`
  })

/** A value beyond the bound. */
export const tooLarge = (bytes: number): BrokerError =>
  new BrokerError({
    reason: "TooLarge",
    message: `the value has ${bytes} bytes, and the largest that can be moved has ${largestValue}: pass a reference to where it is kept (a file, an object store) instead`
  })
