/** What may travel in a message: as much as the broker takes now, which may be less than it took before. */
import type { Broker } from "../../broker/broker.ts"
import { BrokerError } from "../../broker/errors.ts"

/** Values up to this size, in bytes, travel in the message itself. */
const inlineBytes = 256 * 1024

/** However little a broker takes, parts are not smaller, in bytes. */
const least = 256

export const isTooLarge = (cause: unknown): cause is BrokerError =>
  cause instanceof BrokerError && cause.reason === "TooLarge"

export class Fitting {
  readonly broker: Broker

  constructor(broker: Broker) {
    this.broker = broker
  }

  /** The largest text, in bytes, that travels in a message; beside it there is room for as much again. */
  get largestInline(): number {
    return Math.max(least, Math.min(inlineBytes, Math.floor(this.broker.facts.maxBytes / 2)))
  }

  /** Whether a text may travel in a message. */
  fits(text: string): boolean {
    const most = this.largestInline
    // A character has three bytes at most.
    if (text.length * 3 <= most) return true
    return text.length <= most && Buffer.byteLength(text) <= most
  }

  /** Whether several texts may travel in one message. */
  fitTogether(...texts: ReadonlyArray<string>): boolean {
    const most = this.largestInline
    const length = texts.reduce((sum, text) => sum + text.length, 0)
    if (length * 3 <= most) return true
    const bytes = (): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    return length <= most && bytes() <= most
  }

  /**
   * Puts something together and stores it; once more, with smaller parts, when the broker has come to take less
   * meanwhile. `again` says that the first try may be stored.
   */
  refitting<A>(work: (again: boolean) => Promise<A>, again = false): Promise<A> {
    const most = this.largestInline
    return work(again).catch((cause: unknown) => {
      if (!isTooLarge(cause) || this.largestInline >= most) throw cause
      return this.refitting(work, true)
    })
  }
}
