/** Keeps as many calls coming from one lane as there are free slots. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Consumption, Delivery, PullState } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { elapsed } from "../broker/time.ts"
import { NatsDelivery, type Signals } from "./delivery.ts"
import type { Flow } from "./flow.ts"
import type { Link } from "./connection.ts"
import { Pull, type PullEnd } from "./pull.ts"
import { LaneRoom } from "./lane-room.ts"
import type { Timing } from "./timing.ts"

export interface PullerOptions {
  readonly link: Link
  readonly timing: Timing
  readonly signals: Signals
  readonly flow: Flow
  /** Where this lane's pull requests go. */
  readonly subject: string
  /** Makes the consumer again when it is gone. */
  readonly ensure: () => Promise<void>
  readonly deliver: (delivery: Delivery) => void
  readonly spare: ((delivery: Delivery) => void) | undefined
  /** Called when there is nothing left to take from: the stream was deleted. */
  readonly gone: (reason: BrokerError) => void
  /** Whether what was stored at a moment of the broker's clock may have been handed out before, although it is not counted. */
  readonly lostSince: (at: number) => boolean
  /** Told that the server said nothing for a while: the one that hands out calls may have died behind the one we talk to. */
  readonly silent: () => void
}

/** Requests that may be out at once. Few, because the server walks through all of them; more slots wait for one to end. */
const mostRequests = 8

const longestPause = 2_000

/** How often in a row the stream must be missing before that is believed: with the growing pauses, about two seconds. */
const missingFor = 7

/** In beats: so much silence while calls are asked for is no accident. */
const longestSilence = 5

export class Puller implements Consumption {
  readonly #options: PullerOptions
  readonly #pulls = new Set<Pull>()
  readonly #room: LaneRoom
  readonly #beat: NodeJS.Timeout
  readonly #reconnected: { stop(): void }
  /** Slots that are free and not asked for yet. */
  #free = 0
  /** Slots that are not filled, whether asked for or not. */
  #open = 0
  /** For people: epoch milliseconds. */
  #heardAt: number | undefined
  /** Since when something ought to have been heard, and nothing was: by `elapsed`. */
  #quietSince = elapsed()
  #trouble: { readonly since: number; readonly words: string } | undefined
  #planned = false
  #recovering = false
  #stopped = false
  #stopping: Promise<void> | undefined

  constructor(options: PullerOptions) {
    this.#options = options
    this.#room = new LaneRoom(options.flow, this.#pulls, () => this.#plan())
    this.#beat = setInterval(() => this.#listen(), options.timing.beat).unref()
    // The server may or may not remember our requests, and they may have been answered into the void.
    this.#reconnected = options.link.onReconnect(() => {
      this.#quietSince = elapsed()
      for (const pull of this.#pulls) this.#giveUp(pull)
      this.#plan()
    })
  }

  pull(slots: number): void {
    if (this.#open === 0) this.#quietSince = elapsed()
    this.#open += slots
    this.#free += slots
    this.#plan()
  }

  state(): PullState {
    const problem = this.#problem()
    return {
      open: this.#open,
      ...(this.#heardAt === undefined ? {} : { pulledAt: this.#heardAt }),
      ...(problem === undefined ? {} : { problem })
    }
  }

  #problem(): string | undefined {
    if (this.#stopped) return "it was stopped"
    const { link, timing } = this.#options
    if (this.#open === 0 || !link.connected()) return undefined
    const patience = longestSilence * timing.beat
    const now = elapsed()
    if (this.#trouble !== undefined && now - this.#trouble.since > patience / 5) {
      return this.#trouble.words
    }
    const quiet = now - this.#quietSince
    return quiet > patience
      ? `the server has said nothing about it for ${(quiet / 1000).toFixed(1)} s, although calls are asked for: may this user publish to ${this.#options.subject}, and has the consumer room for another request (max_waiting)?`
      : undefined
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#beat)
    this.#reconnected.stop()
    this.#room.stop()
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
    const room = this.#room.next()
    if (room === undefined) return
    // Half of what is free is always asked for, so a call never waits for a request, and no request is for one call.
    if (!room.alone && this.#free < this.#open - this.#free) return
    const pull = this.#idle()
    if (pull === undefined || !pull.ask(this.#free, room.bytes, room.alone)) return
    this.#free = 0
    this.#room.asked(pull, room)
  }

  #idle(): Pull | undefined {
    for (const pull of this.#pulls) {
      if (!pull.busy) return pull
    }
    if (this.#pulls.size >= mostRequests) return undefined
    const { link, subject, timing, signals, deliver, spare, lostSince } = this.#options
    const pull = new Pull(link, subject, timing, {
      message: (message, reply, owed) => {
        const delivery = new NatsDelivery(message, reply, signals, lostSince)
        // Not wanted here, so it goes to somebody else at once instead of when its lease ends.
        if (!owed || this.#stopped) {
          return spare === undefined ? delivery.release() : spare(delivery)
        }
        this.#open -= 1
        this.#room.settle(pull)
        deliver(delivery)
        if (this.#free > 0 && !pull.busy) this.#plan()
      },
      heard: (well) => {
        this.#heardAt = Date.now()
        this.#quietSince = elapsed()
        if (well) this.#trouble = undefined
      },
      end: (end, left, said) => {
        this.#room.settle(pull, end === "filled" && pull.empty)
        this.#ended(end, left, said)
      }
    })
    this.#pulls.add(pull)
    return pull
  }

  #ended(end: PullEnd, left: number, said: string): void {
    this.#free += left
    if (this.#stopped) return
    if (end === "expired" || end === "filled") return this.#plan()
    this.#complain(`the server refuses to hand out calls: ${said}`)
    void this.#recover(end)
  }

  #complain(words: string): void {
    this.#trouble = { since: this.#trouble?.since ?? elapsed(), words }
  }

  /** Waits a little, and makes the consumer again when it is gone, until it works or nobody wants it any more. */
  async #recover(end: PullEnd): Promise<void> {
    if (this.#recovering) return
    this.#recovering = true
    // A refusal says nothing about when it ends; a consumer can be made at once.
    let pause = this.#options.timing.pause * (end === "refused" ? 10 : 1)
    let missing = 0
    for (let done = false; !done && !this.#stopped; pause = Math.min(pause * 2, longestPause)) {
      await sleep(pause, undefined, { ref: false })
      if (end === "refused" || this.#stopped) break
      const error = await this.#remade()
      done = error === undefined
      if (done) this.#trouble = undefined
      missing = error?.reason === "Gone" ? missing + 1 : 0
      // More than once, because a server that has just started may not have read back its streams.
      if (error !== undefined && missing >= missingFor) {
        this.#options.gone(error)
        done = true
      }
    }
    this.#recovering = false
    this.#plan()
  }

  async #remade(): Promise<BrokerError | undefined> {
    try {
      await this.#options.ensure()
      return undefined
    } catch (cause) {
      const error =
        cause instanceof BrokerError
          ? cause
          : new BrokerError({ reason: "Misconfigured", message: String(cause) })
      this.#complain(error.message)
      return this.#options.link.connection.isClosed() ? undefined : error
    }
  }

  #listen(): void {
    if (!this.#options.link.connected()) return
    for (const pull of this.#pulls) {
      if (!pull.isSilent()) continue
      this.#options.silent()
      this.#giveUp(pull)
    }
    this.#plan()
  }

  #giveUp(pull: Pull): void {
    this.#pulls.delete(pull)
    void pull.abandon().then((left) => {
      this.#free += left
      this.#room.settle(pull)
      return this.#plan()
    })
  }
}
