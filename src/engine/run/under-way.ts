/** Whether anything of a run is still to be done: a call that is queued or leased, or a timer that will put one back. */
import { kinds } from "../../encode/kinds.ts"
import { runFilter, type RunAddress } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"
import { holding, type HoldingTimer, timerSubject } from "../timers.ts"
import { hasNewerTimers } from "./newer.ts"

/** How many timers of each kind hold a call of a run. */
export const heldCalls = async (
  { broker, namespace }: Records,
  address: RunAddress
): Promise<{ readonly [T in HoldingTimer]: number }> => {
  const counted = holding.map(
    async ([kind, name]) =>
      [kind, await broker.count(timerSubject(namespace, address, name))] as const
  )
  return Object.fromEntries(await Promise.all(counted)) as { readonly [T in HoldingTimer]: number }
}

/** Timers that stand for a call. */
export const waitingTimers = async (records: Records, address: RunAddress): Promise<number> =>
  Object.values(await heldCalls(records, address)).reduce((sum, held) => sum + held, 0)

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
