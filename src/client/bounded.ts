/** Bounds all that is done for an answer by how long the caller is willing to wait. */
import { inWords, millisecondsOf } from "../define/duration.ts"
import { ContractError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import { Records } from "../engine/index.ts"
import type { WaitOptions } from "../result/wait.ts"
import type { Broker } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { forMany } from "../broker/signal.ts"
import { until } from "../broker/until.ts"
import { isPatient } from "./given.ts"

/** What the caller is told when the time is over; `words` says how long that was. */
export type Late = (words: string) => Error

/** When nothing better is known: whatever was asked has had no answer. */
export const unanswered: Late = (words) =>
  new BrokerError({
    reason: "Unreachable",
    message: `the broker had not answered within ${words}. Is the server running, and can it be reached from here? Wait longer, or ask again.`
  })

/** The same records, asked no longer than the signal allows. */
export const recordsUntil = (records: Records, signal: AbortSignal | undefined): Records =>
  signal === undefined ? records : new Records(until(records.broker, signal))

/** How long before its time is over a wait is looked into, in milliseconds, and which wait is too short for that. */
const longestAhead = 700

const leastAhead = 200

/** What is done about a wait that is not over in time. */
export interface WhenLate {
  readonly late?: Late
  /** Called a moment before: there is time to find out what to say. */
  readonly ahead?: (signal: AbortSignal) => void
}

/**
 * Does the work, and stops it by its signal when the caller has waited enough by the broker's time: then rejects with the reason of the
 * caller's own signal, with what the work says of its end, or, where that says nothing, with what `late` gives.
 */
export const bounded = async <A>(
  clock: Pick<Broker, "after">,
  options: WaitOptions,
  work: (signal: AbortSignal | undefined) => Promise<A>,
  { late = unanswered, ahead }: WhenLate = {}
): Promise<A> => {
  if (isPatient(options)) return work(undefined)
  const { signal } = options
  const within = checked(options)
  signal?.throwIfAborted()
  const end = new AbortController()
  const give = (): void => end.abort()
  const stop = within === undefined || within === 0 ? () => {} : clock.after(within, give)
  const forget =
    ahead === undefined || within === undefined || within < leastAhead
      ? () => {}
      : clock.after(within - Math.min(longestAhead, within * 0.7), () => ahead(forMany(end.signal)))
  if (within === 0) give()
  if (signal !== undefined) forMany(signal).addEventListener("abort", give, { once: true })
  const over = new Promise<never>((_, reject) => {
    // The work has its turn first: it knows best what has become of what was asked.
    const tell = (): void => void setImmediate(() => reject(late(inWords(within ?? 0))))
    if (end.signal.aborted) tell()
    else end.signal.addEventListener("abort", tell, { once: true })
  })
  try {
    return await Promise.race([work(forMany(end.signal)), over])
  } catch (cause) {
    throw signal?.aborted === true ? signal.reason : cause
  } finally {
    stop()
    forget()
    signal?.removeEventListener("abort", give)
  }
}

const checked = ({ signal, within }: WaitOptions): number | undefined => {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    const message = `signal is an AbortSignal, for example AbortSignal.timeout(1000), not ${received(signal)}`
    throw new ContractError({ task: "", message })
  }
  return within === undefined ? undefined : millisecondsOf("within", within)
}
