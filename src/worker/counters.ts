/** What a worker has seen of what should be rare: counted where it happens, read by whoever asks how the worker is. */

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
