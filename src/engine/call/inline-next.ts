/**
 * What follows a step when it is one call and nothing else, the next step of a chain; and going on with that in the worker
 * that has ended the step.
 *
 * The call of the next step is then not stored: the delivery of the call before, which is not acked yet, stands for it.
 * Whoever is given that call again finds the outcome of its step, and so where the chain had come to. It saves three of
 * the five messages of a step, and the wait for two of them.
 */
import { type CallNode, isCall, type AnyNode } from "../../define/plan.ts"
import type { TaskDefinition } from "../../define/definition.ts"
import { jsonText } from "../../define/json-text.ts"
import type { CallMessage } from "../../encode/message.ts"
import type { Context } from "../context.ts"
import { placeOf, scopesOf, type Frame, type Position } from "../flow/position.ts"
import { behind, bodyOf, callMessage, type Outgoing } from "../sender.ts"
import { joinArguments, type Value, nothing } from "../value.ts"
import type { Verdict } from "../verdict.ts"
import type { Job } from "./job.ts"
import type { Delivery } from "../../broker/broker.ts"
import type { Records } from "../records.ts"
import { ruleOf } from "../../plan/table.ts"

/** How many steps one delivery carries at most: as many may have to be looked up after a crash. */
export const mostSteps = 32

/** For how long, in milliseconds: a run shall not keep others waiting, and what a dead worker had begun is soon known. */
export const longest = 250

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
    task,
    place: placeOf(at),
    again: false
  }
}

/** Whether a step that was made ready still begins here, now that the outcome before it is stored: storing takes its time. */
export const isStillInTime = (engine: Context, { delivery, at }: InlineJob): boolean =>
  hasTime(engine, at, delivery.since)

const hasTime = (engine: Context, { frame }: Position, since: number): boolean => {
  const now = engine.broker.now()
  return now - since <= longest && now < (frame.run.deadline ?? Infinity)
}

/** Whether a call can be one that a worker goes on with: on the same queue, and outside of all scopes. */
export const canFollow = (from: Position, next: CallNode): boolean => {
  const { node } = from.frame.plan[from.node]!
  const isNear = scopesOf(from).length === 0 && isCall(node) && node.queue === next.queue
  return isNear && isPlainCall(next)
}

/** What the message of a call has to carry besides its arguments, should it be written after all. */
const besides = ({ stored, planText }: Frame, { headers }: CallNode): ReadonlyArray<string> => [
  ...(stored ? [] : [planText]),
  ...(headers === undefined ? [] : [JSON.stringify(headers)])
]

/** A call that begins with the success of the step before it. */
export interface FollowingCall {
  readonly at: Position
  readonly node: CallNode
  readonly input: Value
}

/** The one call that follows an outcome; `undefined` when something else does, or nothing. */
export const followingCall = (
  records: Records,
  from: Position,
  verdict: Verdict
): FollowingCall | undefined => {
  if (verdict.tag !== "Succeeded") return undefined
  const { plan } = from.frame
  let number = from.node
  for (;;) {
    const { role, parent } = plan[number]!
    if (role.outcome === "frame") return undefined
    const { node, rule, children } = plan[parent]!
    const next = rule.ended(node, role.position, verdict.tag)
    if (next.do === "begin" && next.given === "value") {
      const given = onwards(records, { ...from, node: number }, verdict)
      const following = { ...from, node: children[next.child]! }
      const { call, ...begins } = beginningOf(following, given)
      return call === undefined ? undefined : { ...begins, node: call }
    }
    if (next.do !== "pass") return undefined
    number = parent
  }
}

/** Whether a node begins with something else than the call of its first step. */
export const isExpanded = (node: AnyNode): boolean => {
  const begins = ruleOf(node).begin(node)
  return begins.do !== "call" && (begins.do !== "first" || begins.keeps === true)
}

/** Where something begins, and what arrives there: at its first call, or at what more is to be done for, which has no `call`. */
export const beginningOf = (
  from: Position,
  given: Value
): { readonly at: Position; readonly input: Value; readonly call: CallNode | undefined } => {
  let number = from.node
  let input = given
  for (;;) {
    const { node, rule, children } = from.frame.plan[number]!
    const begins = rule.begin(node)
    if (begins.do === "call") {
      return { at: { ...from, node: number }, input, call: node as CallNode }
    }
    if (begins.do !== "first" || begins.keeps === true) {
      return { at: { ...from, node: number }, input, call: undefined }
    }
    if (begins.given === "nothing") input = nothing
    number = children[0]!
  }
}

/** What the next step is given: the value itself when it is small, else where it is kept. */
export const onwards = (records: Records, at: Position, { value }: Verdict): Value => {
  if ("reference" in value || records.fits(value.text)) return value
  const place = placeOf(at)
  return { reference: { from: "record", node: place.node, index: place.index } }
}
