/** Whether anything of a run is still to be done: a call that is queued or leased, or a timer that will put one back. */
import { kinds } from "../../encode/kinds.ts"
import { runFilter, type RunAddress } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"
import {
  type HoldingTimer,
  stepTimer,
  timerSubject,
  waitingOfRun,
  waitingOfStep
} from "../timers.ts"
import { hasNewerTimers } from "./newer.ts"

/** How many timers of a run stand for a call; of one kind where it is named. */
export const waitingTimers = (
  { broker, namespace }: Records,
  address: RunAddress,
  kind?: HoldingTimer
): Promise<number> => {
  const name = kind === undefined ? waitingOfRun : stepTimer("*", kind)
  return broker.count(timerSubject(namespace, address, name))
}

/** The same of one step. */
export const waitingTimersOf = (
  { broker, namespace }: Records,
  address: RunAddress,
  step: string
): Promise<number> => broker.count(timerSubject(namespace, address, waitingOfStep(step)))

/**
 * Calls of a run besides those that ask, which are named because they may be gone: whoever slept for longer than its
 * lease asks for a call that another has done meanwhile. Counted last, so that at worst one call too many is found.
 */
export const callsBesides = async (
  { broker, namespace }: Records,
  address: RunAddress,
  asking: ReadonlyArray<string>
): Promise<number> => {
  const all = await broker.count(runFilter(namespace, kinds.call, address))
  if (asking.length === 0 || all === 0) return all
  const asked = await Promise.all(asking.map((calls) => broker.count(calls)))
  return all - asked.reduce((sum, calls) => sum + calls, 0)
}

/** Whether there is any, besides the calls that ask. */
export const isUnderWay = async (
  records: Records,
  address: RunAddress,
  asking: ReadonlyArray<string>
): Promise<boolean> => {
  const calls = (): Promise<number> => callsBesides(records, address, asking)
  if ((await calls()) > 0 || (await waitingTimers(records, address)) > 0) return true
  if (await hasNewerTimers(records, address)) return true
  // A call that waited in a timer may have gone back to its queue between the two counts.
  return (await calls()) > 0
}
