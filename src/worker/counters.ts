/** The observer that counts what should be rare: read by whoever asks how the worker is. */
import type { Observer } from "../engine/index.ts"

/** What a worker has seen of what should be rare. */
export interface Counters {
  /** Executions that were interrupted because another worker had taken their call over. */
  lost: number
  /** Values that counted for nothing: another outcome had been committed before. */
  fenced: number
  /** Stretches in which the event loop did not turn for three seconds or more. */
  blocked: number
  /** Runs that were put right by the repair timer. */
  repaired: number
}

export const noCounts = (): Counters => ({ lost: 0, fenced: 0, blocked: 0, repaired: 0 })

/** Counts what happens to steps and runs; stretches without a turn are counted by whoever measures them. */
export const counting = (counters: Counters): Partial<Observer> => ({
  lost: () => {
    counters.lost += 1
  },
  fenced: () => {
    counters.fenced += 1
  },
  repaired: () => {
    counters.repaired += 1
  }
})
