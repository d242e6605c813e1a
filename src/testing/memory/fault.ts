/** Faults a test can put at every call of a process, and at everything that arrives there. */
import { BrokerError, type BrokerReason } from "../../broker/errors.ts"

/** What a process asks of the server. */
export type CallVerb =
  | "publish"
  | "read"
  | "readAll"
  | "page"
  | "count"
  | "purge"
  | "consume"
  | "waiting"
  | "lanes"
  | "replies"
  | "announce"
  | "listen"
  | "ack"
  | "extend"
  | "release"

/** What arrives at a process: a call of a lane, an outcome on its inbox, an announcement. */
export type ArrivalVerb = "deliver" | "reply" | "hear"

/**
 * What may go wrong.
 *
 * - `lost`: no effect; a call that has an answer rejects with `Unknown`. What should have arrived does not.
 * - `unanswered`: the effect happens, the answer is lost: rejects with `Unknown`.
 * - `duplicate`: the effect happens twice, the answer is the second one's. A delivery's lease counts as run out at once.
 * - `crash-before`, `crash-after`: the process dies without, or right after, sending; the call never settles.
 * - `refuse`: no effect, rejects with that reason.
 * - `fired`, `firing`: the timers that stand where the call writes or removes fire right before it; or they are just firing: the
 *   server has taken hold of them, and what they put in place is stored right after the call, and removes whatever stands on
 *   their subjects by then. Nothing special where no timer stands.
 * - `hold`: sent, or arriving, only when the promise has settled.
 * - `late`: rejects with `Unknown` at once, and takes effect when the promise has settled.
 */
export type Fault =
  | "lost"
  | "unanswered"
  | "duplicate"
  | "crash-before"
  | "crash-after"
  | "fired"
  | "firing"
  | { readonly refuse: typeof BrokerReason.Type }
  | { readonly hold: Promise<unknown> }
  | { readonly late: Promise<unknown> }

/** One call or arrival, asked about before it happens. */
export interface MemoryCall {
  /** The name of the connection. */
  readonly connection: string
  /** What is asked of the server, or what arrives. */
  readonly verb: CallVerb | ArrivalVerb
  /** A subject, a filter, a lane as `queue.level`, or a topic. */
  readonly subject: string
  /** The how-manieth of this connection, from 1. */
  readonly count: number
}

/** Says what goes wrong with a call, or with what arrives: nothing, or a fault. */
export type OnCall = (call: MemoryCall) => Fault | undefined

export const unknown = (verb: string, subject: string): BrokerError =>
  new BrokerError({
    reason: "Unknown",
    message: `No answer came to "${verb}" on "${subject}": the test asked for this fault, and the call may have taken effect. Read before deciding.`
  })

export const refused = (
  reason: typeof BrokerReason.Type,
  verb: string,
  subject: string
): BrokerError =>
  new BrokerError({
    reason,
    message: `The memory broker refused "${verb}" on "${subject}" because the test asked for this fault; nothing was stored.`
  })
