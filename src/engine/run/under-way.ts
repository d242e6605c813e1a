/** Whether anything of a run is still to be done: a call that is queued or leased, or a timer that will put one back. */
import { recordSubject, runFilter, type RunAddress } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"

/** Timers that stand for a call: of a retry, or of one that waits for a worker that knows it. */
export const waitingTimers = async (records: Records, address: RunAddress): Promise<number> => {
  const [retries, parked] = await Promise.all([
    retryTimers(records, address),
    timersCalled(records, address, "parked")
  ])
  return retries + parked
}

/** Timers of retries alone. */
export const retryTimers = (records: Records, address: RunAddress): Promise<number> =>
  timersCalled(records, address, "retry")

const timersCalled = (
  { broker, namespace }: Records,
  address: RunAddress,
  index: string
): Promise<number> => broker.count(recordSubject(namespace, "s", address, "*", index))

/**
 * Calls of a run besides the one that asks, which is named because it may be gone: whoever slept for longer than its
 * lease asks for a call that another has done meanwhile. Counted last, so that at worst one call too many is found.
 */
export const callsBesides = async (
  { broker, namespace }: Records,
  address: RunAddress,
  asking: string | undefined
): Promise<number> => {
  const all = await broker.count(runFilter(namespace, "t", address))
  return asking === undefined || all === 0 ? all : all - (await broker.count(asking))
}

/** Whether there is any, besides the call that asks. */
export const isUnderWay = async (
  records: Records,
  address: RunAddress,
  asking?: string
): Promise<boolean> => {
  const calls = (): Promise<number> => callsBesides(records, address, asking)
  if ((await calls()) > 0 || (await waitingTimers(records, address)) > 0) return true
  // A call that waited in a timer may have gone back to its queue between the two counts.
  return (await calls()) > 0
}
