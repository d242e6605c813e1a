/**
 * Looks after those who wait for an outcome: now and then they ask the broker themselves, because a reply may have been lost,
 * and find out whether there is anybody who could work on it.
 */
import { every } from "../broker/time.ts"
import { Looks } from "./poll-queue.ts"
import type { Listener } from "./replies.ts"

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
