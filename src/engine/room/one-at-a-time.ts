/**
 * One process of a namespace at a time stores what takes much of the room that is left, so that no two take the same.
 * Nothing but room depends on it: whoever dies with the turn leaves it to its time to live.
 */
import { turnSubject } from "../../encode/subjects.ts"
import type { Broker } from "../../broker/broker.ts"

/** In milliseconds; whoever needs longer stores beside the next. */
const longest = 10_000

export class Turn {
  readonly #broker: Pick<Broker, "facts" | "publish" | "purge">
  #mine = false

  constructor(broker: Pick<Broker, "facts" | "publish" | "purge">) {
    this.#broker = broker
  }

  get #subject(): string {
    return turnSubject(this.#broker.facts.namespace)
  }

  /** Whether it could be had now. */
  async take(): Promise<boolean> {
    if (this.#mine) return false
    this.#mine = true
    const subject = this.#subject
    const body = new Uint8Array()
    const taken = await this.#broker.publish({ subject, unless: subject, body, ttl: longest }).then(
      ({ stored }) => stored,
      () => false
    )
    this.#mine = taken
    return taken
  }

  give(): void {
    this.#broker.purge(this.#subject).then(
      () => (this.#mine = false),
      () => (this.#mine = false)
    )
  }
}
