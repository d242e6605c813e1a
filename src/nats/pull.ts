/** One pull request at a time, on a reply subject of its own: what it still owes, and how it ended. */
import { setTimeout as sleep } from "node:timers/promises"
import { createInbox } from "@nats-io/transport-node"
import type { Msg, Subscription as NatsSubscription } from "@nats-io/transport-node"
import type { Link } from "./connection.ts"
import type { Timing } from "./timing.ts"

/** `expired`: ask again at once. `filled`: the same, the next call has more bytes than were left. `refused`: ask again after a pause. `gone`: the consumer must be made again first. */
export type PullEnd = "expired" | "filled" | "refused" | "gone"

export interface PullEvents {
  /** A call. `owed` is false when the request was given up, or gave more than it was asked for. */
  readonly message: (message: Msg, reply: string, owed: boolean) => void
  /** Anything at all has come from the server about the request; `well` when it was no refusal. */
  readonly heard: (well: boolean) => void
  /** The request is over with `left` slots unfilled; `said` is how the server put it. */
  readonly end: (end: PullEnd, left: number, said: string) => void
}

/** How long the end of a request may take, in milliseconds. */
const farewell = 2_000

const millisecond = 1_000_000
const encoder = new TextEncoder()

/**
 * All that was asked for has been handed out, which the server says of requests with a limit in bytes. What is counted needs
 * no word; and on several servers this one comes before the last call, which waits until a majority knows of it.
 */
const completed = "Batch Completed"

const endOf = (code: number, description: string): PullEnd => {
  if (description.startsWith("Message Size Exceeds MaxBytes")) return "filled"
  if (code === 503 || description.startsWith("Consumer Deleted")) return "gone"
  return code === 408 || code === 404 ? "expired" : "refused"
}

export class Pull {
  readonly #link: Link
  readonly #subject: string
  readonly #timing: Timing
  readonly #events: PullEvents
  readonly #inbox: string
  readonly #subscription: NatsSubscription
  #asked = 0
  #left = 0
  #most = 0
  #got = 0
  #quiet = 0
  /** How the request has ended, and how many were not handed out: told when those have come that were. */
  #over: { readonly end: PullEnd; readonly unfilled: number; readonly said: string } | undefined
  #abandoned = false

  constructor(link: Link, subject: string, timing: Timing, events: PullEvents) {
    this.#link = link
    this.#subject = subject
    this.#timing = timing
    this.#events = events
    // One token deeper than the multiplexer listens: it would be interest where nobody is.
    this.#inbox = createInbox(`${link.inbox}.pull`)
    this.#subscription = link.subscribe(
      this.#inbox,
      (message) => this.#receive(message),
      (error) => this.#finish("refused", error.message)
    )
  }

  get busy(): boolean {
    return this.#left > 0
  }

  /** The bytes that it may still be handed at most, with what it has been handed already. */
  get bytes(): number {
    return this.busy ? this.#most : 0
  }

  /** The bytes that it was asked for. */
  get most(): number {
    return this.#most
  }

  /** Whether nothing has come of it. */
  get empty(): boolean {
    return this.#got === 0
  }

  /** How many bytes are about to come, if what is left is like what came. */
  get arriving(): number {
    const calls = this.#asked - this.#left
    return calls === 0 ? 0 : Math.min(this.bytes, (this.#got / calls) * this.#left)
  }

  /** Asks for calls of so many bytes in all; with `now`, only for what is there. False when it could not be sent. */
  ask(slots: number, bytes: number, now = false): boolean {
    const patience = {
      expires: this.#timing.pull * millisecond,
      idle_heartbeat: this.#timing.beat * millisecond
    }
    const request = { batch: slots, max_bytes: bytes, ...(now ? { no_wait: true } : patience) }
    const payload = encoder.encode(JSON.stringify(request))
    if (!this.#link.send(this.#subject, payload, this.#inbox)) return false
    this.#asked = slots
    this.#left = slots
    this.#most = bytes
    this.#got = 0
    this.#quiet = 0
    this.#over = undefined
    return true
  }

  /** Counts a beat; true when the server has been silent for too long. Counted in beats, so that a blocked event loop, which misses beats too, is no silence. */
  isSilent(): boolean {
    this.#quiet += 1
    return this.busy && this.#quiet > 2
  }

  /** Gives the request up; returns what it owed. Calls still on their way are handed on as not owed. */
  async abandon(): Promise<number> {
    const left = this.#left + (this.#over?.unfilled ?? 0)
    this.#left = 0
    this.#over = undefined
    this.#abandoned = true
    await this.close()
    return left
  }

  async close(): Promise<void> {
    this.#abandoned = true
    if (this.#subscription.isClosed()) return
    if (!this.#link.connected()) return this.#subscription.unsubscribe()
    const drained = this.#subscription.drain().catch(() => undefined)
    // A server that says nothing any more does not say either that it has heard this.
    await Promise.race([drained, sleep(farewell, undefined, { ref: false }), this.#link.ended])
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe()
  }

  #receive(message: Msg): void {
    this.#quiet = 0
    const reply = message.reply ?? ""
    if (reply === "") return this.#status(message)
    this.#events.heard(true)
    const owed = this.#left > 0 && !this.#abandoned
    if (owed) this.#left -= 1
    this.#got += message.data.length
    this.#events.message(message, reply, owed)
    if (this.#left === 0) this.#tell()
  }

  #status(message: Msg): void {
    const code = message.headers?.code ?? 0
    const said = message.headers?.description ?? ""
    const done = said.startsWith(completed)
    const end = endOf(code, said)
    this.#events.heard(code === 100 || done || end === "expired" || end === "filled")
    // Of 503 the server says no more: nobody has taken the request.
    const words = said === "" && code === 503 ? "nothing answers for the consumer" : said
    if (code === 100 || done || this.#left === 0) return
    this.#finish(end, `${code} ${words}`.trim(), unfilledIn(message))
  }

  /** `unfilled`: how many are not handed out any more; the others are on their way still. */
  #finish(end: PullEnd, said: string, unfilled = Infinity): void {
    const over = { end, said, unfilled: Math.min(unfilled, this.#left) }
    this.#over = over
    this.#left -= over.unfilled
    if (this.#left === 0) this.#tell()
  }

  #tell(): void {
    const over = this.#over
    this.#over = undefined
    if (over !== undefined && !this.#abandoned) this.#events.end(over.end, over.unfilled, over.said)
  }
}

/** What the server says of that, where it says something. */
const unfilledIn = ({ headers }: Msg): number | undefined => {
  const count = Number.parseInt(headers?.get("Nats-Pending-Messages") ?? "", 10)
  return Number.isNaN(count) ? undefined : count
}
