/** Looks after a run by one timer: begins it again when it stands still, and removes its inner records after its end. */
import { startedAt } from "../../encode/ids.ts"
import { collected, kinds } from "../../encode/kinds.ts"
import { isKeyed, keySubject, runFilter, runIdOf } from "../../encode/subjects.ts"
import { isNewer, unpackKind, unpackMessage, Unreadable, packMessage } from "../../encode/codec.ts"
import { Closer } from "../flow/closer.ts"
import type { Context } from "../context.ts"
import { runPlace, type RunFacts } from "../flow/position.ts"
import {
  intervals,
  lookOf,
  looksOf,
  own,
  staying,
  timerOf,
  scheduleCleanup,
  setOwn,
  type Start
} from "./run-timers.ts"
import { refuseNewerKinds, callsBesides, isUnderWay } from "./under-way.ts"
import { nextLook } from "./put-off.ts"
import { findStart } from "./first-message-record.ts"
import { endTimersLeft, keepingNothing, timerSubject } from "../timers.ts"
import { readVerdict, type Verdict } from "../verdict.ts"
import type { Stored } from "../../broker/broker.ts"

/** How long after an outcome should be gone to look whether it is, in milliseconds. */
const justAfter = 1_500

type Looked = "collected" | "postponed" | "kept"

/** Has a run looked after again; with its start while it has no outcome, behind which none is set with one. */
type Again = (wait: number, start?: Start) => Promise<Looked>

/** Looks after a run: by its own timer, or by another, which leaves that to its own while it has one. */
export const collect = async (
  engine: Context,
  run: RunFacts,
  index: string,
  start?: Start
): Promise<Looked> => {
  const { broker, records } = engine
  const timer = timerOf(records.namespace, run.address)
  const again: Again = async (wait, first) => {
    // One that has been set since is of the run's end, or carries its start.
    await setOwn(
      engine,
      run,
      first === undefined ? { wait, unless: timer } : { wait, start: first }
    )
    return "postponed"
  }
  if (index === own) return look(engine, run, again, start)
  const besides: Again = async () => {
    await scheduleCleanup(records, run)
    return "postponed"
  }
  if ((await broker.count(timer)) > 0) return "kept"
  // It may have counted what is gone by now; whether it sets its timer again is not known yet.
  if ((await broker.count(lookOf(records.namespace, run.address))) > 0) return besides(0)
  if ((await broker.count(timer)) > 0) return "kept"
  return look(engine, run, besides)
}

/** Collects a run if it is over and quiet; otherwise looks `again` later, and begins it again when it stands still. */
const look = async (
  engine: Context,
  run: RunFacts,
  again: Again,
  start?: Start
): Promise<Looked> => {
  const { broker, records } = engine
  const outcome = await broker.read(records.subject(run.address, runPlace))
  const busy =
    outcome === undefined
      ? await goesOn(engine, run, again, start)
      : await lingers(engine, run, again, outcome)
  if (busy !== undefined) return busy
  // Whoever handles the dead letter has the run looked after again.
  const letters = runFilter(records.namespace, kinds.deadLetter, run.address)
  if ((await broker.count(letters)) > 0) return "kept"
  // Besides, there are its outcome and the call that looks after it.
  await removeInner(engine, run, outcome === undefined ? 1 : 2)
  if (!isKeyed(run.address)) return "collected"
  if (outcome !== undefined) {
    const kept = outcome.at + run.keep - broker.now()
    await setOwn(engine, run, { wait: Math.max(kept, 0) + justAfter })
    return "postponed"
  }
  await releaseKey(engine, run)
  return "collected"
}

/** What is done about a run without an outcome; nothing when it is over all the same. */
const goesOn = async (
  engine: Context,
  run: RunFacts,
  again: Again,
  start?: Start
): Promise<Looked | undefined> => {
  const { broker, records } = engine
  const looks = [looksOf(records.namespace, run.address)]
  // Asked twice: a call that goes from timer to queue and back can be missed by one look.
  if (await isUnderWay(records, run.address, looks))
    return again(await nextLook(engine, run.address), start)
  // It may have ended between the two questions.
  const ended = await broker.read(records.subject(run.address, runPlace))
  if (ended !== undefined) return again(intervals.collect)
  if (!expired(engine, run)) {
    const first = start ?? (await findStart(records, run.address))
    if (first !== undefined) {
      if (await isUnderWay(records, run.address, looks))
        return again(await nextLook(engine, run.address), first)
      await refuseNewerKinds(records, run.address)
      await beginAgain(engine, run, first)
      await setOwn(engine, run, { wait: intervals.repair, start: first })
      return "postponed"
    }
    const inner = runFilter(records.namespace, kinds.outcome, run.address)
    if ((await broker.count(inner)) > 0) return again(intervals.collect)
  }
  // Nothing brings back what is removed.
  if (await isUnderWay(records, run.address, looks))
    return again(await nextLook(engine, run.address), start)
  await endTimersLeft(records, run.address)
  return undefined
}

/** What is done about a run that has ended and is not quiet, or not for long. */
const lingers = async (
  engine: Context,
  run: RunFacts,
  again: Again,
  outcome: Stored
): Promise<Looked | undefined> => {
  const { broker, records } = engine
  const looks = [looksOf(records.namespace, run.address)]
  const [others, timers] = await Promise.all([
    callsBesides(records, run.address, looks),
    broker.count(runFilter(records.namespace, kinds.timer, run.address))
  ])
  const verdict = verdictIfReadable(outcome.body)
  const failed = verdict !== undefined && verdict.tag !== "Succeeded"
  const age = broker.now() - outcome.at
  if (failed && others > 0) {
    await again(intervals.clear)
    await new Closer(engine).endRun(run, verdict)
    return "postponed"
  }
  // A timer that fired as the run ended took the place of the one that clears it.
  if (failed && age < intervals.clear / 2) return again(intervals.clear)
  if (others > 0 || (timers > 0 && (await hasOtherTimers(engine, run)))) {
    return again(intervals.collect)
  }
  const rest = staying(engine) - age
  return rest > 0 ? again(rest) : undefined
}

/** Removes the inner records of a run; `known` is how many others there are. */
const removeInner = async (
  { broker, records }: Context,
  { address }: RunFacts,
  known: number
): Promise<void> => {
  const held = await Promise.all(
    collected.map(async (kind) => {
      const filter = runFilter(records.namespace, kind, address)
      return [filter, await broker.count(filter)] as const
    })
  )
  const all = held.reduce((sum, [, count]) => sum + count, known)
  await refuseNewerKinds(records, address, all)
  for (const [filter, count] of held) {
    // Most runs have none of most kinds, and to count is cheap where to remove is not.
    if (count > 0) await broker.purge(filter)
  }
}

/** Whether a run that has ended has timers of calls; that of its deadline, which whoever cancelled it did not know, is removed. */
const hasOtherTimers = async ({ broker, records }: Context, run: RunFacts): Promise<boolean> => {
  const { namespace } = records
  await endTimersLeft(records, run.address)
  const [all, ...looks] = await Promise.all([
    broker.count(runFilter(namespace, kinds.timer, run.address)),
    ...keepingNothing.map((name) => broker.count(timerSubject(namespace, run.address, name)))
  ])
  return all > looks.reduce((sum, count) => sum + count, 0)
}

/** The outcome; one of a newer release is seen to by whoever stored it. */
const verdictIfReadable = (body: Uint8Array): Verdict | undefined => {
  try {
    return readVerdict(body)
  } catch (cause) {
    if (isNewer(cause)) return undefined
    throw cause
  }
}

/** Frees the key of a run whose outcome is no longer kept, unless another run holds it by now. */
const releaseKey = async ({ broker, records }: Context, { address }: RunFacts): Promise<void> => {
  const subject = keySubject(records.namespace, address)
  const held = await broker.read(subject)
  if (held === undefined || unpackKind(held.body, "key").message.run !== address.run) return
  await broker.purge(subject, held.sequence)
}

/** An outcome that is gone because its time to live is over. */
const expired = (engine: Context, run: RunFacts): boolean =>
  engine.broker.now() - startedAt(run.address.run) > run.keep

/**
 * Sends the start again, marked so that whoever gets it reads before it does anything. Followers are published before a
 * call is acked, so this is never needed unless records were removed by hand.
 */
export const beginAgain = async (engine: Context, run: RunFacts, start: Start): Promise<void> => {
  const { broker, records } = engine
  const parcel = unpackMessage(start.body)
  if (parcel instanceof Unreadable) throw parcel
  const { message, slots } = parcel
  if (message.kind !== "call" && message.kind !== "expand") return
  const { stored } = await broker.publish({
    subject: start.subject,
    unless: records.subject(run.address, runPlace),
    body: packMessage({ ...message, again: true }, slots)
  })
  if (stored) engine.repaired(runIdOf(run.address))
}
