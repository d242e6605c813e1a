/**
 * What begins although it does not fit, where nothing that fits is left and nothing ends any more: a part of the room at a
 * time, again and again, so that there is always something under way that can end and there is always some room left for that.
 */
import type { Broker, Spare } from "../../broker/broker.ts"

/** How long nothing must have fitted, in milliseconds: longer than it takes until what has ended is removed. */
export const patience = 2_500

/** How much of all that is left is used in that time. */
const share = 1 / 8

export class Forcing {
  readonly #clock: Pick<Broker, "elapsed">
  /** Those of them that are still being stored. */
  #open = 0
  /** When the first of the latest began, and how many bytes have begun since. */
  #since = -Infinity
  #bytes = 0

  constructor(clock: Pick<Broker, "elapsed">) {
    this.#clock = clock
  }

  /** Whether something may begin. The first may be larger than a part: its members end one by one. */
  may({ waited, all }: Spare, bytes: number): boolean {
    if (this.#mayBeFirst) return waited > 0 || bytes <= all / 2
    return this.#bytes + bytes <= all * share
  }

  /** It begins. Gives what to call when all of it is stored. */
  note(bytes: number, besides: () => void = () => {}): () => void {
    if (this.#mayBeFirst) {
      this.#since = this.#clock.elapsed()
      this.#bytes = 0
    }
    this.#open += 1
    this.#bytes += bytes
    return () => {
      this.#open -= 1
      besides()
    }
  }

  get #mayBeFirst(): boolean {
    return this.#open === 0 && this.#clock.elapsed() - this.#since > patience
  }
}
