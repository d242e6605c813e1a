/** Ends a run from outside. Cancel and completion race for the run's one outcome; the answer is whichever is stored. */
import { cancelSubject, taskCallsFilter } from "../../encode/subjects.ts"
import { type CancelMessage } from "../../encode/message.ts"
import { isNewer, packMessage, unpackMessage, Unreadable } from "../../encode/codec.ts"
import { afterEnd } from "./end.ts"
import { scheduleCollection } from "./schedule.ts"
import type { Context } from "../context.ts"
import { commitRun } from "../flow/committer.ts"
import { keepWithin, type RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { commonOf, messageId } from "../sender.ts"
import { timersOfRun, timerSubject } from "../timers.ts"
import type { Verdict } from "../verdict.ts"
import type { Stored } from "../../broker/broker.ts"
import { timerOf } from "./looks.ts"

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
