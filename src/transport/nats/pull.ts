/** One pull request at a time, on a reply subject of its own: what it still owes, and how it ended. */
import { setTimeout as sleep } from "node:timers/promises"
import { createInbox } from "@nats-io/transport-node"
import type { Msg, Subscription as NatsSubscription } from "@nats-io/transport-node"
import type { Link } from "./link.ts"
import type { Timing } from "./timing.ts"

/** `expired`: ask again at once. `refused`: ask again after a pause. `gone`: the consumer must be made again first. */
export type PullEnd = "expired" | "refused" | "gone"

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

const endOf = (code: number, description: string): PullEnd => {
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
  #left = 0
  #quiet = 0
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

  /** False when it could not be sent. */
  ask(slots: number): boolean {
    const request = {
      batch: slots,
      expires: this.#timing.pull * millisecond,
      idle_heartbeat: this.#timing.beat * millisecond
    }
    const payload = encoder.encode(JSON.stringify(request))
    if (!this.#link.send(this.#subject, payload, this.#inbox)) return false
    this.#left = slots
    this.#quiet = 0
    return true
  }

  /** Counts a beat; true when the server has been silent for too long. Counted in beats, so that a blocked event loop, which misses beats too, is no silence. */
  isSilent(): boolean {
    this.#quiet += 1
    return this.busy && this.#quiet > 2
  }

  /** Gives the request up; returns what it owed. Calls still on their way are handed on as not owed. */
  async abandon(): Promise<number> {
    const left = this.#left
    this.#left = 0
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
    this.#events.message(message, reply, owed)
  }

  #status(message: Msg): void {
    const code = message.headers?.code ?? 0
    const said = message.headers?.description ?? ""
    const end = endOf(code, said)
    this.#events.heard(code === 100 || end === "expired")
    // Of 503 the server says no more: nobody has taken the request.
    const words = said === "" && code === 503 ? "nothing answers for the consumer" : said
    if (code !== 100 && this.#left > 0) this.#finish(end, `${code} ${words}`.trim())
  }

  #finish(end: PullEnd, said: string): void {
    const left = this.#left
    this.#left = 0
    if (!this.#abandoned) this.#events.end(end, left, said)
  }
}
