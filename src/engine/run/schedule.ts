/** Sets the timers by which a run is looked after. */
import type { Context } from "../context.ts"
import { runPlace, type RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { resized } from "../room/resized.ts"
import { setTimer } from "../timers.ts"
import { intervals, lookOf, nameOf, nextMoment, own, staying } from "./looks.ts"
import { timerBody, type Start } from "./first-message-record.ts"

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
    name: nameOf(index),
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
    const again = start && { ...start, body: await resized(records, start.body, run) }
    return setTimer(records, address, {
      name: nameOf(own),
      time: broker.now() + wait,
      target: lookOf(records.namespace, address),
      body: timerBody(run, again),
      ...(unless === undefined ? {} : { unless })
    })
  })
}
