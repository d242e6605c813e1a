/** Settles the doubts about a call before it begins: what is stored says whether it still has to be done. */
import type { Soon } from "../../define/awaitable.ts"
import type { CallMessage } from "../../encode/message.ts"
import type { Context } from "../context.ts"
import type { FollowingCall } from "../flow/next-call.ts"
import { fenceOf, stepOf, type Position } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { subjectOf } from "../sender.ts"
import { waitingOfStep, timerSubject } from "../timers.ts"
import type { OnUnended } from "./inline-next.ts"
import { isDecided, isSettled, runIsOver } from "./history.ts"
import { whyNotCall } from "./locate.ts"
import { resumeRetry } from "./retry.ts"
import type { ClosedScopes } from "./closed-scopes.ts"
import type { Handling } from "./handling.ts"
import { hasClosed, type Handlers } from "./handlers.ts"
import { callAt, type Incoming } from "./job.ts"
import { noteLost } from "./losses.ts"

/** Why a call is looked up, and how its place in its plan is found. */
export interface Doubts {
  /** It may have been executed before. */
  readonly mayBeOver: boolean
  /** It was in its queue for so long that its scope may have closed. */
  readonly waited: boolean
  readonly find: () => Soon<Position | string>
}

/** Where a call that is to be executed stands, or why it has no place; `undefined` when there is nothing left to do. */
export const recheck = async (
  { engine, advancer, handlers }: Handling,
  scopes: ClosedScopes,
  incoming: Incoming<CallMessage>,
  { mayBeOver, waited, find }: Doubts
): Promise<Position | string | undefined> => {
  const { delivery, parts, run, message } = incoming
  if (mayBeOver && (await runIsOver(engine, run))) return undefined
  const at = await find()
  if (typeof at === "string" || whyNotCall(at, message, parts) !== undefined) return at
  // What closed while the plan was read was told before this call could be stopped.
  const suspicious = mayBeOver || hasClosed(handlers, run, message)
  if (suspicious && !mayBeOver && (await runIsOver(engine, run))) return undefined
  const unended = delivery.deliveries > 1 ? lookAfter(engine, handlers) : undefined
  if (suspicious && (await isSettled(engine, advancer, at, unended))) return undefined
  if (suspicious && (await resumeRetry(engine, callAt(incoming, at)))) return undefined
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
  (engine: Context, handlers: Handlers): OnUnended =>
  async ({ step, before, carried }) => {
    if (await goesOn(engine.records, step)) return true
    if (!carried) return false
    const { owner, run } = step.at.frame.run.address
    handlers.take(engine.broker, { owner, run, step: stepOf(step.at), deliveries: 1 })
    await noteLost(engine, step, before)
    return false
  }

/** Whether the call of a step is stored, or a timer will put it back. */
const goesOn = async (
  { broker, namespace }: Records,
  { at, node }: FollowingCall
): Promise<boolean> => {
  const timers = timerSubject(namespace, at.frame.run.address, waitingOfStep(stepOf(at)))
  const isQueued = async (): Promise<boolean> =>
    (await broker.count(subjectOf(namespace, at, node))) > 0
  // It may go from its queue into a timer, or back, between two counts.
  return (await isQueued()) || (await broker.count(timers)) > 0 || (await isQueued())
}
