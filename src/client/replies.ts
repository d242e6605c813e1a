/** Hands outcomes that arrive on this process's inbox to whoever waits for them, and looks after those for whom none comes. */
import { unpackEnvelope, unpackMessage, Unreadable } from "../encode/codec.ts"
import { verdictIn, type Verdict } from "../engine/index.ts"
import type { Broker, Subscription } from "../broker/broker.ts"
import { Looks } from "./poll-queue.ts"
import { every } from "../broker/time.ts"

/** Waits for the outcome of one run. */
export interface Listener {
  /** The outcome has arrived. */
  arrive(verdict: Verdict): void
  /** Asks the broker, because a reply may have been lost; with `thoroughly`, also whether the run is still there. */
  look(thoroughly: boolean): Promise<void>
  /** The outcome has not come for two seconds, or for a minute more: is there anybody who could work on it? */
  overdue(): void
  /** This process stops listening, asked to or not: nobody may wait for ever. */
  end(): void
}

export class Replies {
  readonly #broker: Broker
  readonly #owner: string
  readonly #instance: string
  /** This process's own runs, from before they start, so that a reply finds them also while nobody asks. */
  readonly #own = new Map<string, Listener>()
  readonly #waits = new LongWaits()
  #inbox: Promise<Subscription> | undefined
  #reconnected: Subscription | undefined

  constructor(broker: Broker, owner: string, instance: string) {
    this.#broker = broker
    this.#owner = owner
    this.#instance = instance
  }

  /** Listens for this process's own runs. One subscription serves them all. */
  async open(): Promise<void> {
    this.#inbox ??= this.#broker.replies(this.#owner, this.#instance, undefined, (body) =>
      this.#receive(body)
    )
    await this.#inbox
    this.#reconnected = this.#broker.onReconnect(() => {
      // What arrived while the connection was down has arrived nowhere.
      for (const listener of new Set([...this.#own.values(), ...this.#waits.listeners])) {
        this.#waits.look(listener)
      }
    })
    void this.#broker.ended.then(() => this.#end())
  }

  /** Tells a listener of the outcome of one of this process's runs. */
  own(run: string, listener: Listener): void {
    this.#own.set(run, listener)
  }

  /** The same for a run of another process. */
  foreign(owner: string, instance: string, run: string, listener: Listener): Promise<Subscription> {
    return this.#broker.replies(owner, instance, run, (body) => {
      const reply = replyIn(body)
      if (reply?.verdict !== undefined) listener.arrive(reply.verdict)
      else if (reply !== undefined) this.#waits.look(listener)
    })
  }

  /** Looks after a listener that somebody waits for, until it leaves. */
  ask(listener: Listener): void {
    this.#waits.add(listener)
  }

  /** Nobody waits for it now. */
  rest(listener: Listener): void {
    this.#waits.leave(listener)
  }

  leave(run: string, listener: Listener): void {
    this.#waits.leave(listener)
    if (this.#own.get(run) === listener) this.#own.delete(run)
  }

  async close(): Promise<void> {
    this.#end()
    const inbox = await this.#inbox
    inbox?.stop()
  }

  #end(): void {
    this.#reconnected?.stop()
    this.#waits.end()
  }

  #receive(body: Uint8Array): void {
    const reply = replyIn(body)
    const listener = reply === undefined ? undefined : this.#own.get(reply.run)
    if (listener === undefined || reply === undefined) return
    if (reply.verdict !== undefined) listener.arrive(reply.verdict)
    else this.#waits.look(listener)
  }
}

/** A reply; of one that cannot be read, the run that it seems to be of: what is stored says more. */
const replyIn = (
  body: Uint8Array
): { readonly run: string; readonly verdict?: Verdict } | undefined => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) {
    const envelope = unpackEnvelope(body)
    const run = typeof envelope === "string" ? undefined : envelope.header["run"]
    return typeof run === "string" ? { run } : undefined
  }
  if (parcel.message.kind !== "outcome") return undefined
  const { message, slots } = parcel
  return { run: message.run, verdict: verdictIn({ message, slots }) }
}

/** How long a run may be waited for before it is asked whether anybody serves it, in seconds. */
const overdueAfter = 2

/** How often the stored outcome is read besides listening, in seconds. */
const slowPoll = 5

/**
 * How often it is also asked whether the run is still there, in seconds. That costs six counts besides: when a broker is so
 * busy that thousands of runs take longer than a poll, it must not be these questions that keep it busy.
 */
const thorough = 60

export class LongWaits {
  /** Those that somebody waits for, and the second in which that began. */
  readonly #asked = new Map<Listener, number>()
  readonly #looks = new Looks()
  #seconds = 0
  #stop: (() => void) | undefined
  #ended = false

  get listeners(): Iterable<Listener> {
    return this.#asked.keys()
  }

  add(listener: Listener): void {
    if (this.#ended) return listener.end()
    this.#stop ??= every(1_000, () => this.#tick())
    this.#asked.set(listener, this.#seconds)
  }

  leave(listener: Listener): void {
    this.#asked.delete(listener)
  }

  /** Has a listener ask the broker now; it need not wait for anything. */
  look(listener: Listener): void {
    this.#looks.add(listener, false)
  }

  /** Nobody is looked after any more, and nobody may wait for ever. */
  end(): void {
    this.#ended = true
    this.#stop?.()
    for (const listener of this.#asked.keys()) listener.end()
  }

  #tick(): void {
    this.#seconds += 1
    for (const [listener, since] of this.#asked) {
      const waited = this.#seconds - since
      if (waited % thorough === overdueAfter) listener.overdue()
      if (waited % slowPoll === 0) this.#looks.add(listener, waited % thorough === 0)
    }
  }
}
