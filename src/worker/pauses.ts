/** Waits by the broker's time that end at once when nobody wants to wait any more. */
import type { Broker } from "../broker/broker.ts"

export class Pauses {
  readonly #clock: Pick<Broker, "after">
  readonly #ends = new Set<() => void>()
  #over = false

  constructor(clock: Pick<Broker, "after">) {
    this.#clock = clock
  }

  /** Resolves after so many milliseconds, or when all waiting ends. */
  wait(milliseconds: number): Promise<void> {
    if (this.#over) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        this.#ends.delete(end)
        cancel()
        resolve()
      }
      const cancel = this.#clock.after(milliseconds, end)
      this.#ends.add(end)
    })
  }

  /** Ends every wait, and whatever is waited for later. */
  end(): void {
    this.#over = true
    for (const end of this.#ends) end()
  }
}
