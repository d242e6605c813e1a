/** Hands outcomes that arrive on this process's inbox to whoever waits for them. */
import { unpackEnvelope } from "../encode/framing.ts"
import { unpackMessage, Unreadable } from "../encode/codec.ts"
import { verdictIn, type Verdict } from "../engine/index.ts"
import type { Broker, Subscription } from "../broker/broker.ts"
import { LongWaits } from "./long-waits.ts"

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
