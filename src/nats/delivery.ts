/** A call as the server hands it out; what it knows about it is written in its reply subject. */
import type { Msg } from "@nats-io/transport-node"
import type { Delivery } from "../broker/broker.ts"

export type Sign = "+ACK" | "+WPI" | "-NAK"

/** Sends a sign of life or death about one delivery. */
export interface Signals {
  readonly send: (reply: string, sign: Sign, connection: number) => void
  /** Counts connections: a delivery belongs to the one it came over. */
  readonly connection: () => number
}

/** What a delivery's reply subject says about it. */
export interface Delivered {
  readonly deliveries: number
  /** Of the record, in the stream. */
  readonly sequence: number
  /** When it was stored: epoch milliseconds, and nanoseconds as a text. */
  readonly at: number
  readonly time: string
}

/**
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<sseq>.<cseq>.<ts>.<pending>`, where newer servers may put
 * `<domain>.<account>` before the stream and more after the end.
 */
export const factsOf = (reply: string): Delivered => {
  const tokens = reply.split(".")
  const shift = tokens.length > 9 ? 2 : 0
  const time = tokens[7 + shift]!
  return {
    deliveries: Number(tokens[4 + shift]),
    sequence: Number(tokens[5 + shift]),
    at: Number(time.slice(0, -6)),
    time
  }
}

const scheduler = "Nats-Scheduler"
const firstLine = "NATS/1.0\r\n"
const lastLine = "\r\n\r\n"

/** How far before a body its headers are looked for, in bytes. */
const farthest = 1_024

/**
 * The timer that put a call on its subject. The client library reads all headers to find one, and nearly every call has
 * only conditions that concern the server: that the name is not among them is seen in the bytes before the body. Where
 * they are not there, the body is kept in some other way, and the library is asked.
 */
const timerOf = (message: Msg): string | undefined => {
  const { buffer, byteOffset } = message.data
  const from = Math.max(0, byteOffset - farthest)
  const before = Buffer.from(buffer, from, byteOffset - from)
  if (before.toString("latin1", before.length - lastLine.length) === lastLine) {
    const first = before.lastIndexOf(firstLine)
    if (first >= 0 && before.indexOf(scheduler, first) < 0) return undefined
  }
  return message.headers?.get(scheduler) || undefined
}

export class NatsDelivery implements Delivery {
  readonly subject: string
  readonly body: Uint8Array
  readonly at: number
  readonly deliveries: number
  readonly fired: boolean
  readonly timer: string | undefined
  readonly doubtful: boolean
  readonly #reply: string
  readonly #signals: Signals
  readonly #connection: number

  constructor(message: Msg, reply: string, signals: Signals, lostSince: (at: number) => boolean) {
    const facts = factsOf(reply)
    this.subject = message.subject
    this.body = message.data
    this.at = facts.at
    this.deliveries = facts.deliveries
    this.timer = timerOf(message)
    this.fired = this.timer !== undefined
    this.doubtful = lostSince(facts.at)
    this.#reply = reply
    this.#signals = signals
    this.#connection = signals.connection()
  }

  ack(): void {
    this.#signals.send(this.#reply, "+ACK", this.#connection)
  }

  extend(): void {
    this.#signals.send(this.#reply, "+WPI", this.#connection)
  }

  release(): void {
    this.#signals.send(this.#reply, "-NAK", this.#connection)
  }
}
