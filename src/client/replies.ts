/** Hands outcomes that arrive on this process's inbox to whoever waits for them. */
import { unpackMessage, Unreadable } from "../encode/parcel.ts"
import { readVerdict, type Verdict } from "../engine/verdict.ts"
import type { Broker, Subscription } from "../transport/broker.ts"

export type Receive = (verdict: Verdict) => void

export class Replies {
  readonly #broker: Broker
  readonly #owner: string
  readonly #instance: string
  readonly #waiting = new Map<string, Set<Receive>>()
  readonly #closing = new Set<() => void>()
  #inbox: Promise<Subscription> | undefined

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
    void this.#broker.ended.then(() => this.#end())
  }

  /** Calls back when the outcome of one of this process's runs arrives. */
  own(run: string, receive: Receive): Subscription {
    const receivers = this.#waiting.get(run) ?? new Set()
    receivers.add(receive)
    this.#waiting.set(run, receivers)
    return {
      stop: () => {
        receivers.delete(receive)
        if (receivers.size === 0) this.#waiting.delete(run)
      }
    }
  }

  /** The same for a run of another process. */
  foreign(owner: string, instance: string, run: string, receive: Receive): Promise<Subscription> {
    return this.#broker.replies(owner, instance, run, (body) => {
      const verdict = verdictIn(body)?.verdict
      if (verdict !== undefined) receive(verdict)
    })
  }

  /** Calls back when this process stops listening, asked to or not, so that nobody waits for ever. */
  onClose(callback: () => void): Subscription {
    this.#closing.add(callback)
    return { stop: () => this.#closing.delete(callback) }
  }

  async close(): Promise<void> {
    this.#end()
    const inbox = await this.#inbox
    inbox?.stop()
  }

  #end(): void {
    for (const tell of this.#closing) tell()
  }

  #receive(body: Uint8Array): void {
    const reply = verdictIn(body)
    if (reply === undefined) return
    for (const receive of this.#waiting.get(reply.run) ?? []) receive(reply.verdict)
  }
}

const verdictIn = (
  body: Uint8Array
): { readonly run: string; readonly verdict: Verdict } | undefined => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable || parcel.message.kind !== "outcome") return undefined
  return { run: parcel.message.run, verdict: readVerdict(body) }
}
