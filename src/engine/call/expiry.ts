/** Ends calls that nobody has begun in time: found by whoever is handed one too late, or by the timer that stands for it. */
import { kinds } from "../../encode/kinds.ts"
import type { ExpireMessage } from "../../encode/message.ts"
import { parseSubject, recordSubject } from "../../encode/subjects.ts"
import type { Broker, LaneState } from "../../broker/broker.ts"
import { commitAt } from "../flow/ender.ts"
import type { Context } from "../context.ts"
import {
  describePosition,
  fenceOf,
  placeOf,
  runPlace,
  stepOf,
  type Position
} from "../flow/position.ts"
import { dropTimers, setTimer, stepTimer } from "../timers.ts"
import { waitingTimersOf } from "../run/under-way.ts"
import type { Verdict } from "../verdict.ts"
import type { Handling } from "./handling.ts"
import { mayHaveBegun, type Call, type Incoming, positionOf, whyNotCall } from "./job.ts"

const expired = (
  { broker, worker }: Context,
  at: Position,
  { task, expires }: { readonly task: string; readonly expires: number },
  told: { readonly mayHaveBegun?: true } = {}
): Verdict => {
  const step = stepOf(at)
  const now = broker.now()
  return {
    tag: "Expired",
    value: { text: JSON.stringify({ at: expires, ...told }) },
    step,
    attempt: 1,
    worker,
    began: now,
    ended: now,
    decided: { step, task, attempt: 1, place: describePosition(at) }
  }
}

/** Ends a call that was handed out too late, which is not begun. Whoever had it before may have begun it, and is asked no more. */
export const expire = async (handling: Handling, call: Call): Promise<void> => {
  const { engine, advancer, observer } = handling
  const { delivery, at, message } = call
  const { task, times } = message
  const expires = times!.expires!
  // What was queued only then was never in time.
  const wasInTime = delivery.at < expires && mayHaveBegun(delivery, message)
  const told = wasInTime ? ({ mayHaveBegun: true } as const) : {}
  const offered = expired(engine, at, { task, expires }, told)
  const { verdict } = await commitAt(engine, at, offered)
  observer.ended(call, verdict.tag, 0, verdict.value)
  await advancer.advance(at, verdict, true)
  delivery.ack()
}

/** For how long a call is looked for that is not there yet: whoever was to send it may have died, and another does. */
const lookFor = 120_000
const lookAgainAfter = 5_000

/**
 * What the timer of a call's time asks for: the call ends if nobody has begun it. One that was handed out is left to whoever
 * has it, and one that has failed once to its next attempt.
 */
export const atExpiry = async (
  handling: Handling,
  incoming: Incoming<ExpireMessage>
): Promise<void> => {
  const { engine, advancer } = handling
  const { broker, records } = engine
  const { run, message, slots } = incoming
  const { address } = run
  if ((await records.outcome(address, runPlace)) !== undefined) return
  // By the clock that decides, as everywhere: what comes too early is set again.
  if (broker.now() < message.expires) return waitUntil(engine, incoming, message.expires)
  const at = await positionOf(engine, run, message, slots[0])
  if (typeof at === "string" || whyNotCall(at, message, message) !== undefined) return
  if (await hasBegun(engine, at)) return
  const [call, parked] = await Promise.all([
    broker.read(message.call),
    waitingTimersOf(records, address, message.step)
  ])
  if (call === undefined && parked === 0) return lookLater(engine, incoming)
  if (call !== undefined && (await wasHandedOut(broker, message.call, call.sequence))) return
  const { verdict } = await commitAt(engine, at, expired(engine, at, message))
  await advancer.advance(at, verdict, true)
  if (call !== undefined) await broker.purge(message.call, call.sequence)
  if (parked > 0) await dropTimers(records, address, stepTimer(message.step, "parked"))
}

/** Whether the step has its outcome, its scope has closed, or something of it says that an attempt began. */
const hasBegun = async ({ broker, records, frames }: Context, at: Position): Promise<boolean> => {
  const { run } = at.frame
  const step = stepOf(at)
  const attempts = recordSubject(records.namespace, kinds.attempt, run.address, step, "*")
  const [own, scope, failed, replaced] = await Promise.all([
    records.outcome(run.address, placeOf(at)),
    records.outcome(run.address, fenceOf(at)),
    broker.count(attempts),
    frames.find(run, step)
  ])
  return own !== undefined || scope !== undefined || failed > 0 || replaced !== undefined
}

const lookLater = async (engine: Context, incoming: Incoming<ExpireMessage>): Promise<void> => {
  const now = engine.broker.now()
  if (now > incoming.message.expires + lookFor) return
  await waitUntil(engine, incoming, now + lookAgainAfter)
}

/** Sets the timer again, which only whoever is handed its message does. */
const waitUntil = async (
  { records }: Context,
  { delivery, run, message }: Incoming<ExpireMessage>,
  time: number
): Promise<void> => {
  await setTimer(records, run.address, {
    name: stepTimer(message.step, "expiry"),
    time,
    target: delivery.subject,
    body: delivery.body
  })
}

/** How long the state of lanes is good for, in milliseconds: many calls may expire together. */
const remembered = 250

const seen = new WeakMap<Broker, { readonly at: number; readonly lanes: Promise<Lanes> }>()
type Lanes = ReadonlyArray<LaneState>

const lanesOf = (broker: Broker): Promise<Lanes> => {
  const known = seen.get(broker)
  const now = broker.elapsed()
  if (known !== undefined && now - known.at < remembered) return known.lanes
  const lanes = broker.lanes()
  seen.set(broker, { at: now, lanes })
  lanes.catch(() => seen.delete(broker))
  return lanes
}

/** Whether a worker was given a call: it looks at the clock itself. What was looked at a moment ago was so then, too. */
const wasHandedOut = async (
  broker: Broker,
  subject: string,
  sequence: number
): Promise<boolean> => {
  const { queue, level } = parseSubject(subject) ?? {}
  const lane = (await lanesOf(broker)).find((one) => one.queue === queue && one.level === level)
  return lane !== undefined && sequence <= lane.upTo
}
