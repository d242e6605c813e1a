/**
 * When a run is looked after. It has one timer, which its beginning sets, its end moves, and whoever is handed its fired
 * call sets again. What was stored when that timer may not follow has others: one for each two minutes, at most.
 */
import { startedAt } from "../../encode/ids.ts"
import { systemSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import { runTimer, timerSubject, type TimerName } from "../timers.ts"

/** In milliseconds; in one place, so that a test can be impatient. */
export const intervals = {
  /** How long after the end of a run its inner records stay: a handler that was told to stop may yet write. */
  collect: 120_000,
  /** The same while room is short. */
  collectSoon: 2_000,
  /** How long after its start, and after each repair, a run is looked at. */
  repair: 300_000,
  /** How soon after a failure or a cancel to look for calls that were published at the same moment. */
  clear: 2_000
}

/** How long the inner records of a run that has ended stay now. */
export const staying = ({ growth }: Pick<Context, "growth">): number =>
  growth.isShort ? intervals.collectSoon : intervals.collect

/** Names the run's own timer; others are named by their number. */
export const own = "_"

export const nameOf = (index: string): TimerName => runTimer("collect", index)

/** The run's timer, which carries its start until it has ended. */
export const timerOf = (namespace: string, address: RunAddress): string =>
  timerSubject(namespace, address, nameOf(own))

/** The call that a timer becomes when it fires: of the run's own, unless another is named. */
export const lookOf = (namespace: string, address: RunAddress, index = own): string =>
  systemSubject(namespace, address, ...nameOf(index).tokens)

/** All such calls of a run: they look whether anything is to be done, and are nothing to be done. */
export const looksOf = (namespace: string, address: RunAddress): string =>
  lookOf(namespace, address, "*")

/** A moment at which a run is looked after besides. */
export interface Moment {
  readonly index: string
  readonly time: number
}

/**
 * The next such moment, two to four minutes ahead. They are counted from the start of the run, so that whoever needs one
 * in the same two minutes sets the same timer: a subject is used for one moment, and a run never has more than two.
 */
export const nextMoment = ({ run }: RunAddress, now: number): Moment => {
  const { collect } = intervals
  const from = startedAt(run)
  const number = Math.ceil((now + collect - from) / collect)
  return { index: String(number), time: from + number * collect }
}
