/** A delivery as it is handled: read once, where it arrives, and handed around whole. */
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
import { keepWithin, type Position, type RunFacts } from "../flow/position.ts"
import type { Losses } from "./losses.ts"

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
): Job => ({ delivery, parts, run, message, slots, at, task })

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
