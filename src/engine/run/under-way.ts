/**
 * Whether anything of a run is still to be done: a call that is queued or leased, or a timer that will put one back. What a
 * newer release has stored, timers and kinds of records that this one does not know, is not guessed at, and not passed over.
 */
import { kinds, isKind } from "../../encode/kinds.ts"
import {
  runFilter,
  type RunAddress,
  recordsFilter,
  recordsOfKind,
  parseSubject
} from "../../encode/subjects.ts"
import type { Records } from "../records.ts"
import {
  type HoldingTimer,
  stepTimer,
  timerSubject,
  waitingOfRun,
  waitingOfStep,
  timersOfRun,
  timerIn
} from "../timers.ts"
import type { Stored } from "../../broker/broker.ts"
import { received } from "../../define/describe-value.ts"
import { Unreadable } from "../../encode/codec.ts"

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

/** Timers of a run that this release does not know. Each counts as one that holds a call: a run is not over while it has one. */
export const newerTimers = async (
  { broker, namespace }: Records,
  address: RunAddress
): Promise<ReadonlyArray<Stored>> =>
  (await broker.readAll(timerSubject(namespace, address, timersOfRun))).filter(
    ({ subject }) => timerIn(subject) === undefined
  )

/** Whether there is any. Asked where nothing else of the run is under way, so that few timers are read. */
export const hasNewerTimers = async (records: Records, address: RunAddress): Promise<boolean> =>
  (await newerTimers(records, address)).length > 0

/** How many records are looked at in one request. */
const width = 1_000

/**
 * Throws where the run has a kind of record that this release does not know: whoever knows it looks after the run. `known`
 * is how many of the others there should be; where that is not so, each kind is counted, and at last each record looked at.
 */
export const refuseNewerKinds = async (
  { broker, namespace }: Records,
  address: RunAddress,
  known?: number
): Promise<void> => {
  const all = recordsFilter(namespace, address)
  const stored = await broker.count(all)
  if (stored === known) return
  const counted = await Promise.all(
    Object.values(kinds).map((kind) => broker.count(recordsOfKind(namespace, kind, address)))
  )
  if (stored <= counted.reduce((sum, count) => sum + count, 0)) return
  for (let from: number | undefined = 1; from !== undefined;) {
    const { records, next } = await broker.page(all, width, from)
    const stranger = records
      .map(({ subject }) => parseSubject(subject)?.kind ?? "")
      .find((kind) => !isKind(kind))
    if (stranger !== undefined) {
      const message = `a record of the kind ${received(stranger)}, which this release does not know`
      throw new Unreadable({ why: "newer", message })
    }
    from = next
  }
}
