/** A delivery as it is handled: read once, where it arrives, found its place in its plan, and handed around whole. */
import type { Place } from "../../encode/value-ref.ts"
import type { TaskDefinition } from "../../define/definition.ts"
import type {
  CallMessage,
  CancelMessage,
  CollectMessage,
  ExpandMessage,
  ExpireMessage,
  SleepMessage,
  Message
} from "../../encode/message.ts"
import { Unreadable, unpackMessage } from "../../encode/codec.ts"
import {
  isAddress,
  parseSubject,
  type RunAddress,
  type SubjectParts
} from "../../encode/subjects.ts"
import type { Delivery } from "../../broker/broker.ts"
import {
  keepWithin,
  type Position,
  type RunFacts,
  type Frame,
  stepOf,
  soloFrame,
  rootFrame,
  placeOf
} from "../flow/position.ts"
import type { Losses } from "./losses.ts"
import type { Context } from "../context.ts"
import { type Soon, onceThere } from "../../define/awaitable.ts"
import { isCall, type CallNode } from "../../define/plan.ts"
import { stepTimer } from "../timers.ts"

/** What stands in queues. */
export type Queued =
  | CallMessage
  | ExpandMessage
  | SleepMessage
  | ExpireMessage
  | CollectMessage
  | CancelMessage

/** A message from a queue: what it says, and whose run it is of. */
export interface Incoming<M extends Queued = Queued> {
  readonly delivery: Delivery
  /** What its subject says. */
  readonly parts: SubjectParts
  readonly run: RunFacts
  readonly message: M
  readonly slots: ReadonlyArray<string>
}

/** A call whose place in its plan is known. */
export interface Call extends Incoming<CallMessage> {
  readonly at: Position
}

/** A call that this worker is to execute. */
export interface Job extends Call {
  readonly task: TaskDefinition
  /** Where its outcome goes. */
  readonly place: Place
  /** Whether somebody may have executed it before, and have done a part of what follows. */
  readonly again: boolean
  /** Set where workers were lost with it before. */
  readonly suspect?: Suspect
}

/** What a call is suspected of. */
export interface Suspect {
  readonly losses: Losses
  /** The next loss may be its last, so it runs without other suspects: none is given up for another's fault. */
  readonly alone: boolean
}

/** A delivery that is none of ours, and why. */
export interface Unfit {
  readonly delivery: Delivery
  readonly parts: SubjectParts | undefined
  readonly why: string | Unreadable
}

const queued: ReadonlySet<Message["kind"]> = new Set([
  "call",
  "expand",
  "sleep",
  "expire",
  "collect",
  "cancel"
])

const isQueued = (message: Message): message is Queued => queued.has(message.kind)

/** Reads a delivery, without trusting a byte of it. */
export const readDelivery = (delivery: Delivery): Incoming | Unfit => {
  const parts = parseSubject(delivery.subject)
  // The server stores a subject with a wildcard in it; taken for a run, it would stand for every run there is.
  if (parts === undefined || !isAddress(parts)) {
    return { delivery, parts: undefined, why: "a subject that is not ours" }
  }
  const parcel = unpackMessage(delivery.body)
  if (parcel instanceof Unreadable) return { delivery, parts, why: parcel }
  const { message, slots } = parcel
  if (!isQueued(message)) return { delivery, parts, why: `a ${message.kind} on a queue` }
  if (message.run !== parts.run) {
    return { delivery, parts, why: "its run is not the one of its subject" }
  }
  return { delivery, parts, run: runFactsOf(parts, message), message, slots }
}

/** A call at its place. */
export const callAt = (
  { delivery, parts, run, message, slots }: Incoming<CallMessage>,
  at: Position
): Call => ({ delivery, parts, run, message, slots, at })

/** A call at its place, with the task that executes it. */
export const jobOf = (
  { delivery, parts, run, message, slots }: Incoming<CallMessage>,
  at: Position,
  task: TaskDefinition
): Job => ({
  delivery,
  parts,
  run,
  message,
  slots,
  at,
  task,
  place: placeOf(at),
  again: mayHaveBegun(delivery, message)
})

/** What a message says about its run. The owner comes from the subject, never from the body. */
export const runFactsOf = ({ owner, instance, run }: RunAddress, message: Queued): RunFacts => {
  const { labels, deadline, trace, baggage, queues, scheduled } = message
  const facts: { -readonly [name in keyof RunFacts]: RunFacts[name] } = {
    address: { owner, instance, run },
    keep: keepWithin(message.keep)
  }
  if (labels !== undefined) facts.labels = labels
  if (queues !== undefined) facts.queues = queues
  if (deadline !== undefined) facts.deadline = deadline
  if (trace !== undefined) facts.trace = trace
  if (baggage !== undefined) facts.baggage = baggage
  if (scheduled !== undefined) facts.scheduled = scheduled
  return facts
}

/** A message that names a place in a plan. */
type Placed = CallMessage | ExpandMessage | SleepMessage | ExpireMessage

/** The position a message names, or why there is none. */
export const positionOf = (
  engine: Context,
  run: RunFacts,
  message: Placed,
  planText: string | undefined
): Soon<Position | string> => {
  if (message.frame !== undefined && !/^[\w-]{1,32}$/.test(message.frame.id)) {
    return "the name of its plan is none of ours"
  }
  if (message.frame !== undefined && message.planHash === undefined) {
    return "it does not say the hash of its plan"
  }
  return onceThere(frameOf(engine, run, message, planText), (frame) => positionIn(frame, message))
}

const positionIn = (frame: Frame, message: Placed): Position | string => {
  const { node, planHash } = message
  if (planHash !== undefined && frame.hash !== planHash) {
    return `its plan has the hash ${frame.hash}, the message names ${planHash}`
  }
  if (frame.plan[node] === undefined) return `its plan has no node ${node}`
  const index = message.frame?.index
  if (index === undefined) {
    return frame.map === undefined ? { frame, node } : "its plan has no item without a number"
  }
  const isItem = index >= 0 && index < (frame.map?.count ?? 0)
  return isItem ? { frame, node, index } : `its plan has no item ${index}`
}

/** Why a message is not the call that its plan and its subject say it is; `undefined` when it is. */
export const whyNotCall = (
  at: Position,
  { task, step }: Pick<CallMessage, "task" | "step">,
  parts: Pick<SubjectParts, "task">
): string | undefined => {
  const { node } = at.frame.plan[at.node]!
  if (!isCall(node)) return `its plan has a ${node.kind} where the message names a call`
  if (task !== parts.task || task !== node.task) {
    return `it names the task ${task}, its subject ${parts.task}, its plan ${node.task}`
  }
  return step === stepOf(at) ? undefined : `it names the step ${step}, its plan ${stepOf(at)}`
}

/** The frame a message names, from the message itself when it carries the plan. */
const frameOf = (
  engine: Context,
  run: RunFacts,
  message: Placed,
  planText: string | undefined
): Soon<Frame> => {
  if (message.frame === undefined)
    return soloFrame(run, soloCall(message as CallMessage | ExpireMessage))
  const { id } = message.frame
  const known = engine.frames.known(run, id)
  if (known !== undefined) return known
  return planText !== undefined && id === rootFrame
    ? engine.frames.root(run, planText, false)
    : engine.frames.load(run, id)
}

/** A call that is its whole run. Its arguments stand in the message. */
const soloCall = (message: CallMessage | ExpireMessage): CallNode => ({
  kind: "call",
  task: message.task,
  fingerprint: message.fingerprint,
  args: [],
  partial: false,
  queue: "_",
  ...expiryIn(message)
})

const expiryIn = (message: CallMessage | ExpireMessage): Pick<CallNode, "expires"> => {
  const expires = message.kind === "call" ? message.times?.expires : message.expires
  return expires === undefined ? {} : { expires: { at: expires } }
}

/** Whether a call may have been executed before, so that what is stored is read first. */
export const mayBeKnown = (
  { deliveries, fired, doubtful }: Delivery,
  message: { readonly again?: boolean }
): boolean => deliveries > 1 || fired || doubtful === true || message.again === true

/**
 * Whether it may have been executed before, once what is stored has been read: what its own delay has fired was not, unless
 * it was handed out before. Should it have been fired twice, only one of both stores the outcome.
 */
export const mayHaveBegun = (
  { deliveries, fired, doubtful, timer }: Delivery,
  { again, step }: { readonly again?: boolean; readonly step: string }
): boolean => {
  if (deliveries > 1 || doubtful === true || again === true) return true
  return fired && timer?.endsWith(`.${stepTimer(step, "delay").tokens.join(".")}`) !== true
}
