/** Lets those who wait for a reply ask the broker, a few at a time, however many wait. */
import type { Listener } from "./replies.ts"

/** How many may ask at once: thousands that wait must not keep the broker from what they wait for. */
const atOnce = 64

export class Looks {
  /** Whose turn it is not yet, and whether they ask thoroughly. */
  readonly #waiting = new Map<Listener, boolean>()
  #asking = 0

  /** Never rejects: whoever looks deals with what it finds. */
  add(listener: Listener, thoroughly: boolean): void {
    this.#waiting.set(listener, thoroughly || this.#waiting.get(listener) === true)
    this.#go()
  }

  #go(): void {
    for (const [listener, thoroughly] of this.#waiting) {
      if (this.#asking >= atOnce) return
      this.#waiting.delete(listener)
      this.#asking += 1
      void listener.look(thoroughly).finally(() => {
        this.#asking -= 1
        this.#go()
      })
    }
  }
}
