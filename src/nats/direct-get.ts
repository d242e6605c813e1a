/** Collects the many messages that answer one direct read. */
import type { Msg } from "@nats-io/transport-node"
import type { Stored } from "../broker/broker.ts"
import type { Cause } from "./diagnose.ts"
import { failure } from "./messages.ts"
import { recordBytes } from "./flow.ts"
import type { Multiplexer } from "./requests.ts"
import type { Verdict } from "./request.ts"

/** One page of a direct read; `tooMany` when the filter matches more subjects than the server reads at once. */
export interface Page<Item = Stored> {
  readonly records: ReadonlyArray<Item>
  readonly tooMany: boolean
  /** Where the next page begins, and the sequence up to which all pages look; `undefined` when this was the last. */
  readonly next: { readonly seq: number; readonly up_to_seq: number } | undefined
}

/** A record as the server sends it. */
export const recordOf = (message: Msg): Stored => ({
  subject: message.headers!.get("Nats-Subject"),
  body: message.data,
  sequence: Number(message.headers!.get("Nats-Sequence")),
  at: Date.parse(message.headers!.get("Nats-Time-Stamp"))
})

/** What is asked for; the server sends records until they are `max_bytes` or more. */
export type Request = { readonly max_bytes: number } & (
  | { readonly multi_last: unknown }
  | { readonly next_by_subj: string }
)

const encoder = new TextEncoder()

/** How a stream's records are read directly. */
export interface DirectReads {
  readonly multiplexer: Multiplexer
  readonly cause: Cause
  /** The subject on which direct reads are asked for. */
  readonly reads: string
}

/** Why something is asked for, and how long. */
export interface Asking {
  readonly doing: string
  readonly signal?: AbortSignal | undefined
}

/** `item` makes of a message what is wanted; by default the record. */
export const gather = <Item = Stored>(
  { multiplexer, cause, reads }: DirectReads,
  request: Request,
  { doing, signal }: Asking,
  item: (message: Msg) => Item = recordOf as (message: Msg) => Item
): Promise<Page<Item>> =>
  new Promise((resolve, reject) => {
    let records: Array<Item> = []
    const finish = (message: Msg): Verdict => {
      const headers = message.headers!
      if (headers.code === 204) {
        const more = Number(headers.get("Nats-Num-Pending")) > 0 && records.length > 0
        const seq = Number(headers.get("Nats-Last-Sequence")) + 1
        const next = { seq, up_to_seq: Number(headers.get("Nats-UpTo-Sequence")) }
        resolve({ records, tooMany: false, next: more ? next : undefined })
        return "done"
      }
      if (headers.code === 404) {
        // "Message Not Found" is a record that went away while it was read, or the end of what can be read onwards; "No Results" is an empty filter.
        if (headers.description !== "No Results" && "multi_last" in request) return "again"
        resolve({ records: [], tooMany: false, next: undefined })
        return "done"
      }
      if (headers.code === 413) {
        resolve({ records: [], tooMany: true, next: undefined })
        return "done"
      }
      reject(failure("Misconfigured", `${doing}: the server answered "${headers.status}".`))
      return "done"
    }
    multiplexer.ask({
      subject: reads,
      payload: encoder.encode(JSON.stringify(request)),
      headers: undefined,
      writes: false,
      expects: request.max_bytes + recordBytes,
      doing,
      signal,
      answer: (message) => {
        if ((message.headers?.code ?? 0) > 0) return finish(message)
        records.push(item(message))
        return "more"
      },
      fail: (error, lost) => void cause(error, lost).then(reject),
      restart: () => {
        records = []
      }
    })
  })
