/** Looks after a run by one timer: begins it again when it stands still, and removes its inner records after its end. */
import { isKeyed, keySubject, runFilter } from "../../encode/subjects.ts"
import type { Kind } from "../../encode/subjects.ts"
import { startedAt } from "../../encode/identity.ts"
import { isNewer, unpackKind } from "../../encode/parcel.ts"
import { Closer } from "../closer.ts"
import type { Engine } from "../context.ts"
import { dropDeadline } from "./deadline.ts"
import { runPlace, type RunFacts } from "../frame.ts"
import { beginAgain } from "./repairer.ts"
import { findStart, firedTimerOf, timerBody, timerOf, type Start } from "./start.ts"
import { callsBesides, isUnderWay } from "./under-way.ts"
import { readVerdict } from "../verdict.ts"

/** How long after the end of a run its inner records stay, in milliseconds: a handler that was told to stop may yet write. */
const collectAfter = 120_000

/** How long after its start, and after each repair, a run is looked at, in milliseconds. */
const repairAfter = 300_000

/** How soon after a failure or a cancel to look for calls that were published at the same moment, in milliseconds. */
const lookAgainAfter = 2_000

/** How long after an outcome should be gone to look whether it is, in milliseconds. */
const justAfter = 1_500

/** Sets the one timer that collects a run. Setting it again moves it. */
export const scheduleCollection = (
  engine: Pick<Engine, "broker" | "records">,
  run: RunFacts,
  wait: number = collectAfter
): Promise<void> => setTimer(engine, run, wait)

/**
 * Sets the same timer for a run that begins now: if it comes to stand still, it is begun again. Set before anything can
 * follow from the start, so that the timer of the run's end is the later one; and not at all once somebody has ended the
 * run from outside, whose timer it would put off.
 */
export const scheduleRepair = (engine: Engine, run: RunFacts, start: Start): Promise<void> =>
  setTimer(engine, run, repairAfter, start)

const setTimer = async (
  { broker, records }: Pick<Engine, "broker" | "records">,
  run: RunFacts,
  wait: number,
  start?: Start,
  unless?: string
): Promise<void> => {
  const { namespace } = records
  await broker.publish({
    subject: timerOf(namespace, run.address),
    ...(start === undefined ? {} : { unless: records.subject(run.address, runPlace) }),
    body: timerBody(run, start),
    ...(unless === undefined ? {} : { unless }),
    fire: { time: broker.now() + wait, target: firedTimerOf(namespace, run.address) }
  })
}

/** The same for a run that failed or was cancelled: the first look is soon, because its workers may not have heard. */
export const scheduleClearing = (engine: Engine, run: RunFacts): Promise<void> =>
  scheduleCollection(engine, run, lookAgainAfter)

/** Collects a run if it is over and quiet; otherwise looks again later, and begins it again when it stands still. */
export const collect = async (
  engine: Engine,
  run: RunFacts,
  start?: Start
): Promise<"collected" | "postponed" | "kept"> => {
  const { broker, records } = engine
  const of = (kind: Kind): string => runFilter(records.namespace, kind, run.address)
  const outcome = await broker.read(records.subject(run.address, runPlace))
  const asking = firedTimerOf(records.namespace, run.address)
  if (outcome === undefined) {
    if (await isUnderWay(records, run.address, asking)) {
      // A timer that has been set since this one fired is there with the start: the run has begun meanwhile.
      const unless = start === undefined ? timerOf(records.namespace, run.address) : undefined
      await setTimer(engine, run, collectAfter, start, unless)
      return "postponed"
    }
    // It may have ended between the two questions.
    const ended = await broker.read(records.subject(run.address, runPlace))
    if (ended !== undefined) return postpone(engine, run, collectAfter)
    if (!expired(engine, run)) {
      // A timer that was set for another reason does not carry it.
      const first = start ?? (await findStart(records, run.address))
      if (first !== undefined) {
        await beginAgain(engine, run, first)
        return postpone(engine, run, repairAfter, first)
      }
      if ((await broker.count(of("i"))) > 0) return postpone(engine, run, collectAfter)
    }
    // A call that goes from timer to queue and back can be missed by one look; nothing brings back what is removed.
    if (await isUnderWay(records, run.address, asking)) return postpone(engine, run, collectAfter)
    if (run.deadline !== undefined) await dropDeadline(engine, run)
  } else {
    const [others, timers] = await Promise.all([
      callsBesides(records, run.address, asking),
      broker.count(of("s"))
    ])
    const failed = hasFailed(outcome.body)
    if (failed && others > 0) {
      await postpone(engine, run, lookAgainAfter)
      await new Closer(engine).endRun(run)
      return "postponed"
    }
    const rest = outcome.at + collectAfter - broker.now()
    // Whoever cancelled the run did not know its deadline.
    const deadlines = timers === 0 ? 0 : await dropDeadline(engine, run)
    if (others > 0 || timers > deadlines) return postpone(engine, run, collectAfter)
    if (rest > 0) return postpone(engine, run, rest)
  }
  // Whoever handles the dead letter sets the timer again.
  if ((await broker.count(of("dl"))) > 0) return "kept"
  for (const filter of [of("a"), of("v"), of("i"), of("g")]) {
    // Most runs have none of most kinds, and to count is cheap where to remove is not.
    if ((await broker.count(filter)) > 0) await broker.purge(filter)
  }
  if (!isKeyed(run.address)) return "collected"
  if (outcome !== undefined) {
    const kept = outcome.at + run.keep - broker.now()
    return postpone(engine, run, Math.max(kept, 0) + justAfter)
  }
  await releaseKey(engine, run)
  return "collected"
}

/** Whether a run has to be stopped; of an outcome of a newer release that is seen to by whoever stored it. */
const hasFailed = (body: Uint8Array): boolean => {
  try {
    return readVerdict(body).tag !== "Succeeded"
  } catch (cause) {
    if (isNewer(cause)) return false
    throw cause
  }
}

/** Frees the key of a run whose outcome is no longer kept, unless another run holds it by now. */
const releaseKey = async ({ broker, records }: Engine, { address }: RunFacts): Promise<void> => {
  const subject = keySubject(records.namespace, address)
  const held = await broker.read(subject)
  if (held === undefined || unpackKind(held.body, "key").message.run !== address.run) return
  await broker.purge(subject, held.sequence)
}

const postpone = async (
  engine: Engine,
  run: RunFacts,
  wait: number,
  start?: Start
): Promise<"postponed"> => {
  await setTimer(engine, run, wait, start)
  return "postponed"
}

/** An outcome that is gone because its time to live is over. */
const expired = (engine: Engine, run: RunFacts): boolean =>
  engine.broker.now() - startedAt(run.address.run) > run.keep
