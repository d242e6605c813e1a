/**
 * Goes on with the next step of a chain in the worker that has ended the one before.
 *
 * The call of the next step is then not stored: the delivery of the call before, which is not acked yet, stands for it.
 * Whoever is given that call again finds the outcome of its step, and so where the chain had come to. It saves three of
 * the five messages of a step, and the wait for two of them.
 */
import { type CallNode, isCall } from "../../define/plan.ts"
import type { TaskDefinition } from "../../define/definition.ts"
import { jsonText } from "../../define/json-text.ts"
import type { CallMessage } from "../../encode/message.ts"
import type { Context } from "../context.ts"
import { followingCall, type FollowingCall } from "../flow/next-call.ts"
import { placeOf, scopesOf, type Frame, type Position } from "../flow/position.ts"
import { isLate } from "../run/deadline.ts"
import { behind, bodyOf, callMessage, type Outgoing } from "../sender.ts"
import { joinArguments } from "../value.ts"
import type { Verdict } from "../verdict.ts"
import type { Job } from "./job.ts"
import type { Delivery } from "../../broker/broker.ts"

/** How many steps one delivery carries at most: as many may have to be looked up after a crash. */
const mostSteps = 32

/** For how long, in milliseconds: a run shall not keep others waiting, and what a dead worker had begun is soon known. */
const longest = 250

/** A step that is executed although its call is not stored, under the delivery of an earlier one. */
export class CarriedDelivery implements Delivery {
  readonly subject: string
  readonly at: number
  /** It never was: only a delivery of its own, the first, takes it from whoever carries it. */
  readonly deliveries = 0
  readonly fired = false
  readonly timer = undefined
  /** When the step that was delivered began; epoch milliseconds, broker clock. */
  readonly since: number
  /** How many steps there have been since. */
  readonly steps: number
  readonly #carrier: Delivery
  readonly #call: Outgoing<CallMessage>

  constructor(carrier: Delivery, call: Outgoing<CallMessage>, since: number, steps: number) {
    this.subject = call.subject
    this.at = carrier.at
    this.since = since
    this.steps = steps
    this.#carrier = carrier instanceof CarriedDelivery ? carrier.#carrier : carrier
    this.#call = call
  }

  /** The call as it would have been stored: for whoever sends it on after all. */
  get body(): Uint8Array {
    return bodyOf(this.#call)
  }

  ack(): void {
    this.#carrier.ack()
  }

  extend(): void {
    this.#carrier.extend()
  }

  release(): void {
    this.#carrier.release()
  }
}

/** The next step, ready to be executed here. */
export interface InlineJob extends Job {
  readonly delivery: CarriedDelivery
}

/**
 * The fields of a call that say nothing about when or where it may begin. One that is to begin later, or only when something
 * else allows it, has to be stored: what is given to it there would be skipped past here. A new field is `false` until somebody
 * has thought about that.
 */
const skipsNothing: { readonly [field in keyof Required<CallNode>]: boolean } = {
  kind: true,
  task: true,
  fingerprint: true,
  args: true,
  partial: true,
  open: true,
  queue: true,
  timeout: true,
  retry: true,
  headers: true,
  delay: false,
  eta: false,
  expires: false
}

/** Whether nothing stands between a call and its beginning but its turn in its queue; also of what a newer release has written. */
export const isPlainCall = (node: CallNode): boolean => {
  for (const field in node) if (skipsNothing[field as keyof CallNode] !== true) return false
  return true
}

/**
 * The step that follows a success, when this worker can go on with it at once: a small plain call on the same queue, of a
 * task it serves. Inside a group or a map it cannot: only the broker knows whether another member has failed meanwhile, and
 * it refuses the call then.
 */
export const inlineNext = (
  engine: Context,
  tasks: ReadonlyMap<string, TaskDefinition>,
  { delivery, at: from, parts }: Job,
  verdict: Verdict
): InlineJob | undefined => {
  const { records } = engine
  const { since, steps } =
    delivery instanceof CarriedDelivery ? delivery : { since: verdict.began, steps: 0 }
  if (steps >= mostSteps || !hasTime(engine, from, since)) return undefined
  const following = followingCall(records, from, verdict)
  if (following === undefined || "reference" in following.input) return undefined
  const { at, node, input } = following
  const task = tasks.get(node.task)
  if (task === undefined || !canFollow(from, node)) return undefined
  const args = jsonText(node.args)
  const slot = node.partial ? joinArguments(input.text, args, node.open) : args
  if (!records.fitTogether(slot, ...besides(from.frame, node))) return undefined
  const call = callMessage(records.namespace, at, node, { slot }, behind(verdict, false))
  const { message, slots } = call
  return {
    delivery: new CarriedDelivery(delivery, call, since, steps + 1),
    parts: { ...parts, task: node.task, node: message.step, index: "_" },
    run: at.frame.run,
    message,
    slots,
    at,
    task
  }
}

/** Whether a step that was made ready still begins here, now that the outcome before it is stored: storing takes its time. */
export const isStillInTime = (engine: Context, { delivery, at }: InlineJob): boolean =>
  hasTime(engine, at, delivery.since)

const hasTime = (engine: Context, { frame }: Position, since: number): boolean =>
  engine.broker.now() - since <= longest && !isLate(engine, frame.run)

/** Whether a call can be one that a worker goes on with: on the same queue, and outside of all scopes. */
const canFollow = (from: Position, next: CallNode): boolean => {
  const { node } = from.frame.plan[from.node]!
  const isNear = scopesOf(from).length === 0 && isCall(node) && node.queue === next.queue
  return isNear && isPlainCall(next)
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

/** What the message of a call has to carry besides its arguments, should it be written after all. */
const besides = ({ stored, planText }: Frame, { headers }: CallNode): ReadonlyArray<string> => [
  ...(stored ? [] : [planText]),
  ...(headers === undefined ? [] : [JSON.stringify(headers)])
]

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
