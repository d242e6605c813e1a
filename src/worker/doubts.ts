/** Settles the doubts about a call before it begins: what is stored says whether it still has to be done. */
import type { Soon } from "../define/soon.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import type { SubjectParts } from "../encode/subjects.ts"
import type { Advancer } from "../engine/advancer.ts"
import type { Engine } from "../engine/context.ts"
import type { FollowingCall } from "../engine/following.ts"
import { fenceOf, stepOf, type Position, type RunFacts } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { subjectOf } from "../engine/sender.ts"
import { timersOfStep, timerSubject } from "../engine/timers.ts"
import type { Delivery } from "../transport/broker.ts"
import type { OnUnended } from "./carry.ts"
import { isDecided, isSettled, runIsOver } from "./past.ts"
import { whyNotCall } from "./position.ts"
import { resumeRetry } from "./retrier.ts"
import type { Running } from "./running.ts"
import type { ScopeLooks } from "./scope-looks.ts"
import { noteLost } from "./strikes.ts"

/** Why a call is looked up, and how its place in its plan is found. */
export interface Doubts {
  /** It may have been executed before. */
  readonly mayBeOver: boolean
  /** It was in its queue for so long that its scope may have closed. */
  readonly waited: boolean
  readonly find: () => Soon<Position | string>
}

export const hasClosed = (running: Running, { address }: RunFacts, message: CallMessage): boolean =>
  running.hasClosed(address.owner, message.run, message.scopes)

/** Where a call that is to be executed stands, or why it has no place; `undefined` when there is nothing left to do. */
export const lookedUp = async (
  options: { readonly engine: Engine; readonly advancer: Advancer; readonly running: Running },
  scopes: ScopeLooks,
  delivery: Delivery,
  run: RunFacts,
  parts: SubjectParts,
  parcel: Parcel<CallMessage>,
  { mayBeOver, waited, find }: Doubts
): Promise<Position | string | undefined> => {
  const { engine, advancer, running } = options
  const { message } = parcel
  if (mayBeOver && (await runIsOver(engine, run))) return undefined
  const at = await find()
  if (typeof at === "string" || whyNotCall(at, message, parts) !== undefined) return at
  // What closed while the plan was read was told before this call could be stopped.
  const suspicious = mayBeOver || hasClosed(running, run, message)
  if (suspicious && !mayBeOver && (await runIsOver(engine, run))) return undefined
  const unended = delivery.deliveries > 1 ? lookAfter(engine, running) : undefined
  if (suspicious && (await isSettled(engine, advancer, at, unended))) return undefined
  if (suspicious && (await resumeRetry(engine, delivery, run, parcel))) return undefined
  if (waited && (await scopes.hasClosed(engine, run.address, fenceOf(at)))) {
    await isDecided(engine, advancer, at)
    return undefined
  }
  return at
}

/**
 * A step whose call is stored, or waits in a timer, goes on by itself. One that a worker may have gone on with counts as
 * lost, and a worker that holds it after all, because it was only slow, is told to stop; not one that was handed its call.
 */
const lookAfter =
  (engine: Engine, running: Running): OnUnended =>
  async ({ step, before, carried }) => {
    if (await goesOn(engine.records, step)) return true
    if (!carried) return false
    const { owner, run } = step.at.frame.run.address
    running.take(engine.broker, { owner, run, step: stepOf(step.at), deliveries: 1 })
    await noteLost(engine, step, before)
    return false
  }

/** Whether the call of a step is stored, or a timer will put it back. */
const goesOn = async (
  { broker, namespace }: Records,
  { at, node }: FollowingCall
): Promise<boolean> => {
  const timers = timerSubject(namespace, at.frame.run.address, timersOfStep(stepOf(at)))
  const isQueued = async (): Promise<boolean> =>
    (await broker.count(subjectOf(namespace, at, node))) > 0
  // It may go from its queue into a timer, or back, between two counts.
  return (await isQueued()) || (await broker.count(timers)) > 0 || (await isQueued())
}
