/**
 * The timers of a run itself: the one of its deadline, and those by which it is looked after.
 *
 * A run is looked after by one timer, which its beginning sets, its end moves, and whoever is handed its fired call sets
 * again. What was stored when that timer may not follow has others: one for each two minutes, at most.
 */
import type { Context } from "../context.ts"
import { runPlace, type RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { resized } from "../room/resized.ts"
import { setTimer, type TimerName, runTimer, timerSubject, dropTimers } from "../timers.ts"
import { type RunAddress, systemSubject } from "../../encode/subjects.ts"
import { startedAt } from "../../encode/ids.ts"
import type { CancelMessage, CollectMessage } from "../../encode/message.ts"
import { commonOf } from "../sender.ts"
import { packMessage } from "../../encode/codec.ts"

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

export const lookName = (index: string): TimerName => runTimer("collect", index)

const ownTimer = lookName(own)

/** The run's timer, which carries its start until it has ended. */
export const timerOf = (namespace: string, address: RunAddress): string =>
  timerSubject(namespace, address, ownTimer)

/** The call that a timer becomes when it fires: of the run's own, unless another is named. */
export const lookOf = (namespace: string, address: RunAddress, index = own): string =>
  systemSubject(namespace, address, ...(index === own ? ownTimer : lookName(index)).tokens)

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

/** By how much clocks may differ, in milliseconds. */
const soon = 10_000

/** Sets the run's timer as it ends: what is to be collected then is found by looking, whichever timer asks for it. */
export const scheduleCollection = (
  engine: Pick<Context, "broker" | "records" | "growth">,
  run: RunFacts,
  wait: number = staying(engine)
): Promise<void> => setOwn(engine, run, { wait })

/** The same for a run that failed or was cancelled: the first look is soon, because its workers may not have heard. */
export const scheduleClearing = (engine: Context, run: RunFacts): Promise<void> =>
  scheduleCollection(engine, run, intervals.clear)

/**
 * Sets the same timer for a run that begins now: if it comes to stand still, it is begun again. Set before anything can
 * follow from the start, so that the timer of the run's end is the later one; and not at all once somebody has ended the
 * run from outside, whose timer it would put off.
 */
export const scheduleRepair = (engine: Context, run: RunFacts, start: Start): Promise<void> =>
  setOwn(engine, run, { wait: intervals.repair, start })

/**
 * Has a run looked after besides: what is stored before its start may never be followed by it, and what is stored or
 * removed after its end may be behind its own timer. That one is left as it is, with what it carries. Answers with when.
 */
export const scheduleCleanup = async (records: Records, run: RunFacts): Promise<number> => {
  const { broker, namespace } = records
  const { index, time } = nextMoment(run.address, broker.now())
  await setTimer(records, run.address, {
    name: lookName(index),
    time,
    target: lookOf(namespace, run.address, index),
    body: timerBody(run, undefined)
  })
  return time
}

/** Removes what kept an ended run from being collected, and has it looked after: whoever dies on the way leaves what kept it. */
export const freeRun = async (
  records: Records,
  run: RunFacts,
  remove: () => Promise<void>
): Promise<void> => {
  const time = await scheduleCleanup(records, run)
  await remove()
  // Whoever slept in between was looked after too early.
  if (records.broker.now() >= time - soon) await scheduleCleanup(records, run)
}

/** When a run is looked after next, and what the timer carries. */
export interface Look {
  /** In milliseconds. */
  readonly wait: number
  /** Where the run has no outcome: with what it is begun again. */
  readonly start?: Start | undefined
  /** It is not set when something is stored there; with a start, the run's outcome unless another place is given. */
  readonly unless?: string | undefined
}

/** Sets the run's own timer; with its start only while it has no outcome. */
export const setOwn = async (
  { broker, records }: Pick<Context, "broker" | "records">,
  run: RunFacts,
  { wait, start, unless = start && records.subject(run.address, runPlace) }: Look
): Promise<void> => {
  const { address } = run
  await records.refitting(async () => {
    const again = start && {
      ...start,
      body: await (records.takes(start.body) ? start.body : resized(records, start.body, run))
    }
    return setTimer(records, address, {
      name: ownTimer,
      time: broker.now() + wait,
      target: lookOf(records.namespace, address),
      body: timerBody(run, again),
      ...(unless === undefined ? {} : { unless })
    })
  })
}

/** The timer of a run's deadline: set once, before the start, and again only by whoever is handed its fired call. */
const deadlineTimer = runTimer("deadline")

/** The call that it becomes when it fires. */
export const firedDeadlineOf = (namespace: string, address: RunAddress): string =>
  systemSubject(namespace, address, deadlineTimer.tokens[0])

/** Sets the timer of a run's deadline, epoch milliseconds by the broker's clock. */
export const scheduleDeadline = async (
  records: Records,
  run: RunFacts,
  deadline: number
): Promise<void> => {
  const message: CancelMessage = {
    ...commonOf(run),
    kind: "cancel",
    reason: "its deadline has passed",
    late: true
  }
  await setTimer(records, run.address, {
    name: deadlineTimer,
    time: deadline,
    target: firedDeadlineOf(records.namespace, run.address),
    body: packMessage(message)
  })
}

/** Removes the timer of a run that has ended, or was not started after all; answers with how many there were. */
export const dropDeadline = async (
  { broker, records }: Pick<Context, "broker" | "records">,
  { address }: RunFacts
): Promise<number> => {
  const set = await broker.count(timerSubject(records.namespace, address, deadlineTimer))
  if (set > 0) await dropTimers(records, address, deadlineTimer)
  return set
}

/** A run's first message: where it was queued, and its body. */
export interface Start {
  readonly subject: string
  readonly body: Uint8Array
}

/** The body of the run's timer; with the start while the run has not ended. */
export const timerBody = (run: RunFacts, start: Start | undefined): Uint8Array => {
  const message: CollectMessage = {
    ...commonOf(run),
    kind: "collect",
    ...(start === undefined ? {} : { start: start.subject })
  }
  return packMessage(message, start === undefined ? [] : [Buffer.from(start.body).toString()])
}
