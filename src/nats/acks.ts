/** Sends acks and leases; the last acks are said again after a reconnection, because nobody knows which got through. */
import { type Delivered, factsOf, type Sign, type Signals } from "./delivery.ts"
import { elapsed } from "../broker/time.ts"
import type { Link } from "./connection.ts"

const encoder = new TextEncoder()
const bytes: Record<Sign, Uint8Array> = {
  "+ACK": encoder.encode("+ACK"),
  "+WPI": encoder.encode("+WPI"),
  "-NAK": encoder.encode("-NAK")
}

/** Those beyond, and older ones, are handed out again in the worst case, as after any lost ack. */
const remembered = 1_024
/** In milliseconds: a connection that says nothing is left before that. */
const mayBeLost = 15_000
/** Records that are looked at at a time. */
const atOnce = 32

/**
 * `isThere` tells whether the stream still holds what was delivered.
 *
 * The server takes an ack for whatever has that number in the stream by now. It is another record where the server came
 * back without the last of what it had stored, or the stream was restored or made anew: an ack from before a reconnection is
 * sent only when the record is seen to be the one that was delivered.
 */
export const makeSignals = (
  link: Link,
  isThere: (delivered: Delivered) => Promise<boolean>
): Signals => {
  let last: Array<{ readonly reply: string; readonly sentAt: number }> = []
  let next = 0
  let connection = 0
  const post = (reply: string, sign: Sign): void => {
    link.send(reply, bytes[sign])
  }
  const ack = (reply: string): void => {
    last[next] = { reply, sentAt: elapsed() }
    next = (next + 1) % remembered
    post(reply, "+ACK")
  }
  const ackIfThere = async (reply: string): Promise<void> => {
    const asked = connection
    if (!(await isThere(factsOf(reply)).catch(() => false))) return
    if (asked === connection) ack(reply)
    else await ackIfThere(reply)
  }
  const ackAgain = async (replies: ReadonlyArray<string>): Promise<void> => {
    for (let at = 0; at < replies.length; at += atOnce) {
      await Promise.all(replies.slice(at, at + atOnce).map(ackIfThere))
    }
  }
  link.onReconnect(() => {
    connection += 1
    const since = elapsed() - mayBeLost
    const replies = last.filter(({ sentAt }) => sentAt > since).map(({ reply }) => reply)
    last = []
    next = 0
    void ackAgain(replies)
  })
  return {
    connection: () => connection,
    send: (reply, sign, from) => {
      if (sign !== "+ACK") post(reply, sign)
      else if (from === connection) ack(reply)
      else void ackIfThere(reply)
    }
  }
}
