/**
 * Goes on with the next step of a chain in the worker that has ended the one before.
 *
 * The call of the next step is then not stored: the delivery of the call before, which is not acked yet, stands for it.
 * Whoever is given that call again finds the outcome of its step, and so where the chain had come to. It saves three of
 * the five messages of a step, and the wait for two of them.
 */
import type { CallNode } from "../define/plan.ts"
import type { TaskDefinition } from "../define/definition.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import type { Engine } from "../engine/context.ts"
import { followingCall, type FollowingCall } from "../engine/following.ts"
import { placeOf, scopesOf, type Position } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { isLate } from "../engine/run/deadline.ts"
import { bodyOf, callMessage, type Outgoing } from "../engine/sender.ts"
import { joinArguments } from "../engine/value.ts"
import type { Verdict } from "../engine/verdict.ts"
import type { Delivery } from "../transport/broker.ts"

/** How many steps one delivery carries at most: as many may have to be looked up after a crash. */
const mostSteps = 32

/** For how long, in milliseconds: a run shall not keep others waiting, and what a dead worker had begun is soon known. */
const longest = 250

/** A step that is executed although its call is not stored, under the delivery of an earlier one. */
export class CarriedDelivery implements Delivery {
  readonly subject: string
  readonly at: number
  readonly deliveries = 1
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
    this.#carrier = carrier
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
}

/** The next step, ready to be executed here. */
export interface Carried {
  readonly delivery: CarriedDelivery
  readonly at: Position
  readonly task: TaskDefinition
  readonly parcel: Parcel<CallMessage>
}

/**
 * The step that follows a success, when this worker can go on with it at once: a small call on the same queue, of a task
 * it serves. Inside a group or a map it cannot: only the broker knows whether another member has failed meanwhile, and it
 * refuses the call then.
 */
export const carry = (
  engine: Engine,
  tasks: ReadonlyMap<string, TaskDefinition>,
  delivery: Delivery,
  from: Position,
  verdict: Verdict
): Carried | undefined => {
  const { records } = engine
  const { since, steps } =
    delivery instanceof CarriedDelivery ? delivery : { since: verdict.began, steps: 0 }
  if (steps >= mostSteps || engine.broker.now() - since > longest) return undefined
  if (scopesOf(from).length > 0 || isLate(engine, from.frame.run)) return undefined
  const following = followingCall(records, from, verdict)
  if (following === undefined || "reference" in following.input) return undefined
  const { at, node, input } = following
  const task = tasks.get(node.task)
  const before = from.frame.plan[from.node]!.node
  if (task === undefined || before.kind !== "call" || node.queue !== before.queue) return undefined
  const args = JSON.stringify(node.args)
  const slot = node.partial ? joinArguments(input.text, args) : args
  if (!records.fits(slot) || !fitsBeside(records, node.headers)) return undefined
  const beginning = { parent: verdict.step, again: false }
  const call = callMessage(records.namespace, at, node, { slot }, beginning)
  return {
    delivery: new CarriedDelivery(delivery, call, since, steps + 1),
    at,
    task,
    parcel: call
  }
}

/** Whether headers leave room for the arguments in one message. */
const fitsBeside = (records: Records, headers: CallNode["headers"]): boolean =>
  headers === undefined || records.fits(JSON.stringify(headers))

/** What is done about the step that was under way, without its call being stored, when a worker was lost. */
export type Lost = (step: FollowingCall, before: Verdict) => Promise<void>

/** Where a chain had come to that a worker may have carried on from a step, and what the last outcome there is. */
export const furthest = async (
  { records }: Engine,
  from: Position,
  outcome: Verdict,
  lost: Lost | undefined
): Promise<{ readonly at: Position; readonly verdict: Verdict }> => {
  let at = from
  let verdict = outcome
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const following = followingCall(records, at, verdict)
    if (following === undefined) break
    const next = await records.outcome(at.frame.run.address, placeOf(following.at))
    if (next === undefined) {
      await lost?.(following, verdict)
      break
    }
    at = following.at
    verdict = next
  }
  return { at, verdict }
}
