/** Keeps as many calls coming from one lane as there are free slots. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Consumption, Delivery } from "../broker.ts"
import { NatsDelivery, type Signal } from "./delivery.ts"
import type { Link } from "./link.ts"
import { Pull, type PullEnd } from "./pull.ts"
import type { Timing } from "./timing.ts"

export interface PullerOptions {
  readonly link: Link
  readonly timing: Timing
  readonly signal: Signal
  /** Where this lane's pull requests go. */
  readonly subject: string
  /** Makes the consumer again when it is gone. */
  readonly ensure: () => Promise<void>
  readonly deliver: (delivery: Delivery) => void
  /** Whether the connection was lost since a moment of the broker's clock. */
  readonly lostSince: (at: number) => boolean
}

/** Requests that may be out at once. Few, because the server walks through all of them; more slots wait for one to end. */
const mostRequests = 8

const longestPause = 2_000

export class Puller implements Consumption {
  readonly #options: PullerOptions
  readonly #pulls = new Set<Pull>()
  readonly #beat: NodeJS.Timeout
  readonly #reconnected: { stop(): void }
  /** Slots that are free and not asked for yet. */
  #free = 0
  #planned = false
  #recovering = false
  #stopped = false
  #stopping: Promise<void> | undefined

  constructor(options: PullerOptions) {
    this.#options = options
    this.#beat = setInterval(() => this.#listen(), options.timing.beat).unref()
    // The server may or may not remember our requests, and they may have been answered into the void.
    this.#reconnected = options.link.onReconnect(() => {
      for (const pull of this.#pulls) this.#giveUp(pull)
      this.#plan()
    })
  }

  pull(slots: number): void {
    this.#free += slots
    this.#plan()
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#beat)
    this.#reconnected.stop()
    await Promise.all([...this.#pulls].map((pull) => pull.close()))
  }

  /** Slots that come free in one turn of the event loop become one request. */
  #plan(): void {
    if (this.#planned || this.#recovering || this.#stopped) return
    this.#planned = true
    setImmediate(() => {
      this.#planned = false
      this.#request()
    })
  }

  #request(): void {
    const { link } = this.#options
    if (this.#free === 0 || this.#stopped || this.#recovering || !link.connected()) return
    const pull = this.#idle()
    if (pull === undefined) return
    if (pull.ask(this.#free)) this.#free = 0
  }

  #idle(): Pull | undefined {
    for (const pull of this.#pulls) {
      if (!pull.busy) return pull
    }
    if (this.#pulls.size >= mostRequests) return undefined
    const { link, subject, timing, signal, deliver, lostSince } = this.#options
    const pull = new Pull(link, subject, timing, {
      message: (message, reply, owed) => {
        // Handed to nobody here, so it goes to somebody else at once instead of when its lease ends.
        if (!owed || this.#stopped) return signal(reply, "-NAK")
        deliver(new NatsDelivery(message, reply, signal, lostSince))
        if (this.#free > 0 && !pull.busy) this.#plan()
      },
      end: (end, left) => this.#ended(end, left)
    })
    this.#pulls.add(pull)
    return pull
  }

  #ended(end: PullEnd, left: number): void {
    this.#free += left
    if (this.#stopped) return
    if (end === "expired") this.#plan()
    else void this.#recover(end)
  }

  /** Waits a little, and makes the consumer again when it is gone, until it works or nobody wants it any more. */
  async #recover(end: PullEnd): Promise<void> {
    if (this.#recovering) return
    this.#recovering = true
    // A refusal says nothing about when it ends; a consumer can be made at once.
    let pause = this.#options.timing.pause * (end === "refused" ? 10 : 1)
    for (let done = false; !done && !this.#stopped; pause = Math.min(pause * 2, longestPause)) {
      await sleep(pause, undefined, { ref: false })
      done = end === "refused" || (await this.#remade())
    }
    this.#recovering = false
    this.#plan()
  }

  async #remade(): Promise<boolean> {
    if (this.#stopped) return true
    try {
      await this.#options.ensure()
      return true
    } catch {
      return this.#options.link.connection.isClosed()
    }
  }

  #listen(): void {
    if (!this.#options.link.connected()) return
    for (const pull of this.#pulls) {
      if (pull.isSilent()) this.#giveUp(pull)
    }
    this.#plan()
  }

  #giveUp(pull: Pull): void {
    this.#pulls.delete(pull)
    void pull.abandon().then((left) => {
      this.#free += left
      return this.#plan()
    })
  }
}
