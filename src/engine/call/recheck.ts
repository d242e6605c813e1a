/** What happened to a call before this delivery, where a first execution is not certain: what is stored says whether it still has to be done. */
import type { Soon } from "../../define/awaitable.ts"
import type { CallMessage } from "../../encode/message.ts"
import type { Context } from "../context.ts"
import { type FollowingCall, followingCall, canFollow, longest, mostSteps } from "./inline-next.ts"
import {
  fenceOf,
  stepOf,
  type Position,
  type RunFacts,
  runPlace,
  placeOf
} from "../flow/position.ts"
import type { Records } from "../records.ts"
import { subjectOf } from "../sender.ts"
import { waitingOfStep, timerSubject } from "../timers.ts"
import { whyNotCall, callAt, type Incoming } from "./job.ts"
import { resumeRetry } from "./retry.ts"
import type { ClosedScopes } from "./closed-scopes.ts"
import type { Handling, Handlers } from "./handling.ts"
import { noteLost } from "./losses.ts"
import { afterEnd } from "../flow/ender.ts"
import type { Advancer } from "../flow/advancer.ts"
import { nothing } from "../value.ts"
import type { CallNode } from "../../define/plan.ts"
import type { Verdict } from "../verdict.ts"

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
  const suspicious = mayBeOver || handlers.hasClosed(run.address.owner, message.run, message.scopes)
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

/** Whether the run has its outcome. What the end of a run owes is done again, in case it was not. */
export const runIsOver = async (engine: Context, run: RunFacts): Promise<boolean> => {
  const verdict = await engine.records.outcome(run.address, runPlace)
  if (verdict === undefined) return false
  await afterEnd(engine, run, verdict)
  return true
}

/**
 * Whether the step has its outcome, of which everything is then done again, or its scope has closed. When a worker was
 * lost, `onUnended` hears of the first step behind it that has none.
 */
export const isDecided = async (
  engine: Context,
  advancer: Advancer,
  at: Position,
  onUnended?: OnUnended
): Promise<boolean> => {
  const { address } = at.frame.run
  const [own, scope] = await Promise.all([
    engine.records.outcome(address, placeOf(at)),
    engine.records.outcome(address, fenceOf(at))
  ])
  if (own !== undefined) {
    const last = await furthest(engine, at, own, onUnended)
    if (last !== undefined) await advancer.advance(last.at, last.verdict, true)
  }
  return own !== undefined || scope !== undefined
}

/** Whether the step needs no execution: it is decided, or it has its replacement, which is then begun again. */
export const isSettled = async (
  engine: Context,
  advancer: Advancer,
  at: Position,
  onUnended: OnUnended | undefined
): Promise<boolean> => {
  if (await isDecided(engine, advancer, at, onUnended)) return true
  const expansion = await engine.frames.find(at.frame.run, stepOf(at))
  if (expansion === undefined) return false
  await advancer.begin({ frame: expansion, node: 0 }, nothing, {
    parent: stepOf(at),
    again: true
  })
  return true
}

/** Whether a worker may have gone on with a call behind the step that was delivered, whose outcome is `first`. */
export const mayHaveFollowed = (
  from: Position,
  node: CallNode,
  first: Verdict,
  before: Verdict
): boolean =>
  canFollow(from, node) &&
  first.attempt === 1 &&
  before.attempt === 1 &&
  before.ended - first.began <= longest

/** A step that has no outcome, behind those that have one, when a worker was lost. */
export interface Unended {
  readonly step: FollowingCall
  /** The outcome before it. */
  readonly before: Verdict
  /** Whether a worker may have been executing it without its call being stored. */
  readonly carried: boolean
}

/** What is done about such a step; resolves with whether it goes on by itself. */
export type OnUnended = (unended: Unended) => Promise<boolean>

/**
 * Where a chain had come to that a worker may have carried on from a step, and what the last outcome there is; nothing
 * when the step behind that goes on by itself.
 */
export const furthest = async (
  { records }: Context,
  from: Position,
  outcome: Verdict,
  onUnended: OnUnended | undefined
): Promise<{ readonly at: Position; readonly verdict: Verdict } | undefined> => {
  let at = from
  let verdict = outcome
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const step = followingCall(records, at, verdict)
    if (step === undefined) break
    const next = await records.outcome(at.frame.run.address, placeOf(step.at))
    if (next === undefined) {
      const carried = mayHaveFollowed(at, step.node, outcome, verdict)
      const goesOn = await onUnended?.({ step, before: verdict, carried })
      return goesOn === true ? undefined : { at, verdict }
    }
    at = step.at
    verdict = next
  }
  return { at, verdict }
}
