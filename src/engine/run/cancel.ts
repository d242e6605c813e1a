/**
 * Ends a run from outside: on request, at its deadline, or because it cannot go on. That and completion race for the run's one
 * outcome; the answer is whichever is stored.
 */
import {
  cancelSubject,
  taskCallsFilter,
  type RunAddress,
  runFilter
} from "../../encode/subjects.ts"
import type { CancelMessage, Decided } from "../../encode/message.ts"
import { isNewer, packMessage, unpackMessage, Unreadable } from "../../encode/codec.ts"
import { afterEnd, commitRun } from "../flow/ender.ts"
import {
  scheduleCollection,
  timerOf,
  firedDeadlineOf,
  looksOf,
  scheduleDeadline
} from "./run-timers.ts"
import type { Context } from "../context.ts"
import { keepWithin, type RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { commonOf, messageId } from "../sender.ts"
import { timersOfRun, timerSubject } from "../timers.ts"
import { type Verdict, crashText } from "../verdict.ts"
import type { Stored } from "../../broker/broker.ts"
import { startedAt } from "../../encode/ids.ts"
import { isUnderWay } from "./under-way.ts"
import { kinds } from "../../encode/kinds.ts"
import { hasStart } from "./first-message-record.ts"

/**
 * Stores the wish to cancel a run, and answers with the time at which that was first done. A worker does it, so that what
 * follows is done even if the asking process dies.
 */
export const requestCancel = async (
  records: Records,
  run: RunFacts,
  reason: string
): Promise<number> => {
  const { broker } = records
  const message: CancelMessage = { ...commonOf(run), kind: "cancel", reason }
  const subject = cancelSubject(records.namespace, run.address)
  const id = messageId(run, "cancel")
  const answer = await broker.publish({
    subject,
    unless: subject,
    id,
    body: packMessage(message)
  })
  const first = answer.stored && !answer.duplicate
  return (first ? undefined : await broker.read(subject))?.at ?? broker.now()
}

/** How a run ends that is ended from outside. */
export type Ending = Pick<Verdict, "tag" | "value" | "decided"> & Partial<Pick<Verdict, "step">>

/** Ends a run that somebody no longer wants. */
export const cancel = async (engine: Context, run: RunFacts, reason: string): Promise<void> => {
  const keep = (await keepOf(engine.records, run)) ?? run.keep
  const ending = { tag: "Cancelled", value: { text: JSON.stringify({ reason }) } } as const
  await endFromOutside(engine, { ...run, keep }, ending)
}

/** How long the outcome is to be kept, from what is stored of the run: whoever cancels it may not be who started it. */
const keepOf = async (
  { broker, namespace }: Records,
  { address }: RunFacts
): Promise<number | undefined> => {
  const timer = await broker.read(timerOf(namespace, address))
  const one = async (filter: string): Promise<Stored | undefined> =>
    (await broker.page(filter, 1)).records[0]
  const told =
    timer ??
    (await one(taskCallsFilter(namespace, address))) ??
    (await one(timerSubject(namespace, address, timersOfRun)))
  const parcel = told === undefined ? undefined : unpackMessage(told.body)
  if (parcel === undefined || parcel instanceof Unreadable || !("keep" in parcel.message)) {
    return undefined
  }
  return keepWithin(parcel.message.keep)
}

/** Commits the ending, unless the run has its outcome; then stops what runs and removes what is queued. */
export const endFromOutside = async (
  engine: Context,
  run: RunFacts,
  ending: Ending
): Promise<void> => {
  const now = engine.broker.now()
  const offered: Verdict = {
    step: "run",
    ...ending,
    attempt: 1,
    worker: engine.worker,
    began: now,
    ended: now
  }
  try {
    const { verdict } = await commitRun(engine, run, offered)
    // Whoever completed it may have died before it did the same.
    await afterEnd(engine, run, verdict)
  } catch (cause) {
    if (!isNewer(cause)) throw cause
    // It has ended, as a newer release says that stored it and does what follows.
    await scheduleCollection(engine, run)
  }
}

/** How long a start may take from the making of its id until it is stored, in milliseconds. */
const startWithin = 60_000

/** How soon to look again for a start that is not stored yet, in milliseconds. */
const lookAgainAfter = 5_000

/** What the timer of a deadline asks for, unless the run was never started, or has ended so long ago that its outcome is gone. */
export const atDeadline = async (engine: Context, run: RunFacts): Promise<void> => {
  const { records } = engine
  const now = engine.broker.now()
  const age = now - startedAt(run.address.run)
  const { namespace } = records
  // Whoever looks after a run may do so after what was stored ahead of a start that was refused.
  const asking = [firedDeadlineOf(namespace, run.address), looksOf(namespace, run.address)]
  if (await isUnderWay(records, run.address, asking)) return endLate(engine, run)
  if (age > run.keep) return
  if (await hasBegun(records, run.address)) return endLate(engine, run)
  // The timer is stored before the start, which may be on its way to a queue that nobody serves.
  if (age >= startWithin) return
  await scheduleDeadline(engine.records, run, now + lookAgainAfter)
}

/** Commits `TimedOut`, unless the run has its outcome, and stops what is under way. */
export const endLate = async (engine: Context, run: RunFacts): Promise<void> => {
  const after = Math.max(0, (run.deadline ?? engine.broker.now()) - startedAt(run.address.run))
  await endFromOutside(engine, run, { tag: "TimedOut", value: { text: JSON.stringify({ after }) } })
}

/** Whether anything is kept of the run besides the message of its deadline: its start may have been refused. */
const hasBegun = async (records: Records, address: RunAddress): Promise<boolean> => {
  const { broker, namespace } = records
  const inner = await broker.count(runFilter(namespace, kinds.outcome, address))
  return inner > 0 || hasStart(records, address)
}

/** Commits a crash as the outcome of the run, unless it has one. */
export const breakOff = (
  engine: Context,
  run: RunFacts,
  why: string,
  at: Pick<Decided, "step" | "task">
): Promise<void> =>
  endFromOutside(engine, run, {
    tag: "Crashed",
    value: { text: crashText("CannotContinue", why) },
    step: at.step,
    decided: { ...at, attempt: 1, place: "" }
  })
