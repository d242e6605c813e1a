/** Waits for the end of a run no longer than the caller wants to. The run goes on. */
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import type { Records } from "../engine/records.ts"
import type { Verdict } from "../engine/verdict.ts"
import { StillRunning } from "../result/failure.ts"
import type { WaitOptions } from "../result/wait.ts"
import { bounded, type Late, recordsUntil } from "./bounded.ts"
import type { Waiter } from "./waiter.ts"

/** For a run that has not ended as far as is known here. */
export const goesOn =
  (address: RunAddress): Late =>
  (words) => {
    const run = runIdOf(address)
    const message = `run ${run} did not end within ${words}. It goes on: attach(${JSON.stringify(run)}, workflow) waits for it again.`
    return new StillRunning({ run, message })
  }

/** The verdict on a run; who waits no longer is not waited for. */
export const verdictOf = async (
  waiter: Waiter,
  signal: AbortSignal | undefined
): Promise<Verdict> => {
  if (signal === undefined) return waiter.verdict()
  const waiting = waiter.verdict()
  const leave = (): void => waiter.leave(waiting)
  if (signal.aborted) leave()
  else signal.addEventListener("abort", leave, { once: true })
  return waiting
}

/** What is read from the verdict. */
export const ended = <A>(
  waiter: Waiter,
  records: Records,
  options: WaitOptions,
  read: (verdict: Verdict, records: Records) => A | Promise<A>
): Promise<A> =>
  bounded(
    records.broker,
    options,
    async (signal) => read(await verdictOf(waiter, signal), recordsUntil(records, signal)),
    goesOn(waiter.address)
  )
