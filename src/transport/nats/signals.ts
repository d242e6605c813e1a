/** Sends acks and leases; the last acks are said again after a reconnection, because nobody knows which got through. */
import type { Link } from "./link.ts"
import type { Sign, Signal } from "./delivery.ts"

const encoder = new TextEncoder()
const bytes: Record<Sign, Uint8Array> = {
  "+ACK": encoder.encode("+ACK"),
  "+WPI": encoder.encode("+WPI"),
  "-NAK": encoder.encode("-NAK")
}

/** Those beyond are handed out again in the worst case, as after any lost ack. */
const remembered = 4_096

export const makeSignals = (link: Link): Signal => {
  // An ack means that the outcome is committed: it names one message for ever, and is right however late or often it comes.
  const last: Array<string> = []
  let next = 0
  const send: Signal = (reply, sign) => {
    link.send(reply, bytes[sign])
  }
  link.onReconnect(() => {
    for (const reply of last) send(reply, "+ACK")
  })
  return (reply, sign) => {
    if (sign === "+ACK") {
      last[next] = reply
      next = (next + 1) % remembered
    }
    send(reply, sign)
  }
}
