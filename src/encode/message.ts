/**
 * Every message that leaves a process, version 1.
 *
 * A field that is absent has its default, so what a release does not use yet costs no bytes. The owner of a run is read
 * from the subject, never from the body. A change that an older reader would misread needs a new version and a new
 * fixture; fixtures are never edited.
 */
import * as Schema from "effect/Schema"
import { Occasion, ScheduleGroupMessage, ScheduleMessage, TickMessage } from "./schedule-message.ts"
import { Count, FrameKey, OtherContract, Place, Reference } from "./value-ref.ts"

/** The version written, and the newest that is read. */
export const messageVersion = 1

const optional = Schema.optionalKey
const Strings: Schema.$Array<Schema.String> = Schema.Array(Schema.String)

/** The first is 1: one before it would have more attempts than its policy allows. */
const Attempt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const Headers = Schema.Record(Schema.String, Schema.String)

/** What every message about a step carries. */
const common = {
  v: Schema.Literal(1),
  run: Schema.String,
  /** How long the run's outcome is kept, in milliseconds. */
  keep: Schema.Int,
  codec: Schema.Literal("json"),
  headers: optional(Headers),
  labels: optional(Headers),
  /** Absolute, broker clock, epoch milliseconds. */
  deadline: optional(Schema.Number),
  trace: optional(Headers),
  baggage: optional(Schema.String),
  /** Queues that take the place of those that the plan names. */
  queues: optional(Headers),
  /** Of a run that a schedule has started. */
  scheduled: optional(Occasion)
}

/** A retry policy; times in milliseconds. */
const Retry = Schema.Struct({
  times: Schema.Int,
  backoff: Schema.Literals(["constant", "linear", "exponential"]),
  initial: Schema.Number,
  max: Schema.Number,
  jitter: Schema.Number,
  on: Strings
})

/** One execution of one task. Slots: the arguments (all but the one that arrives with `first`, an empty list with `args`), then the plan when it travels along. */
export const CallMessage = Schema.Struct({
  ...common,
  kind: Schema.Literal("call"),
  step: Schema.String,
  parent: Schema.NullOr(Schema.String),
  /** Enclosing scopes, innermost first. */
  scopes: Strings,
  frame: optional(FrameKey),
  /** Number of the call in its frame's plan. */
  node: Schema.Int,
  planHash: optional(Schema.String),
  task: Schema.String,
  fingerprint: Schema.String,
  attempt: Attempt,
  /** Set when somebody may have executed this step before: read before running. */
  again: optional(Schema.Boolean),
  notBefore: optional(Schema.Number),
  expires: optional(Schema.Number),
  level: Schema.String,
  policy: optional(Schema.Struct({ timeout: optional(Schema.Number), retry: optional(Retry) })),
  /** Where the argument that arrives is, or all of them, when they do not stand in the slot. */
  first: optional(Reference),
  /** Which argument that is, when it is not the first. */
  open: optional(Schema.Int),
  args: optional(Reference),
  /** How often no worker that knew the task was found. */
  parked: optional(Schema.Int),
  /** When that began; epoch milliseconds, broker clock. */
  parkedAt: optional(Schema.Number),
  /** Set when what arrived comes from another version of a contract than the plan was built with. */
  crossed: optional(Schema.Boolean),
  /** When it may begin and by when it has to; epoch milliseconds, broker clock. (`notBefore` and `expires` are read by nobody.) */
  times: optional(Schema.Struct({ due: optional(Schema.Number), expires: optional(Schema.Number) }))
})
export type CallMessage = typeof CallMessage.Type

/** Begins a node that is not a call; taken by any worker from the system lane. Slots: the input, then the plan when it travels along. */
export const ExpandMessage = Schema.Struct({
  ...common,
  kind: Schema.Literal("expand"),
  frame: FrameKey,
  node: Schema.Int,
  planHash: optional(Schema.String),
  parent: Schema.NullOr(Schema.String),
  again: optional(Schema.Boolean),
  input: optional(Reference),
  /** As in a call. */
  crossed: optional(Schema.Boolean)
})
export type ExpandMessage = typeof ExpandMessage.Type

/**
 * Ends a sleep; taken by any worker from the system lane. Slots: what arrived at it, the plan when it travels along, and which
 * way that came.
 */
export const SleepMessage = Schema.Struct({
  ...common,
  kind: Schema.Literal("sleep"),
  frame: FrameKey,
  node: Schema.Int,
  planHash: optional(Schema.String),
  parent: Schema.NullOr(Schema.String),
  /** Since when it sleeps, and until when; epoch milliseconds, broker clock. */
  since: Schema.Number,
  until: Schema.Number,
  input: optional(Reference),
  /** As in an outcome. */
  branches: optional(Schema.Union([Schema.Literal(true), Reference])),
  contract: optional(OtherContract),
  /** As in a call. */
  crossed: optional(Schema.Boolean)
})
export type SleepMessage = typeof SleepMessage.Type

/** Ends a call that nobody has begun in time; taken by any worker from the system lane. Slot: the plan when it travels along. */
export const ExpireMessage = Schema.Struct({
  ...common,
  kind: Schema.Literal("expire"),
  step: Schema.String,
  frame: optional(FrameKey),
  node: Schema.Int,
  planHash: optional(Schema.String),
  task: Schema.String,
  fingerprint: Schema.String,
  /** The subject of the call. */
  call: Schema.String,
  expires: Schema.Number
})
export type ExpireMessage = typeof ExpireMessage.Type

/**
 * Removes what an ended run left behind, once nothing of it is under way. While the run has not ended: begins it again
 * where nothing of it is under way, with the message that started it. Slot: that message.
 */
export const CollectMessage = Schema.Struct({
  ...common,
  kind: Schema.Literal("collect"),
  /** The subject of the message that started the run. */
  start: optional(Schema.String)
})
export type CollectMessage = typeof CollectMessage.Type

/** Ends a run from outside; taken by any worker from the system lane. */
export const CancelMessage = Schema.Struct({
  ...common,
  kind: Schema.Literal("cancel"),
  reason: Schema.String,
  /** Set by the deadline's timer: the outcome is then `TimedOut`. */
  late: optional(Schema.Boolean)
})
export type CancelMessage = typeof CancelMessage.Type

/** Which member decided an outcome. */
export const Decided = Schema.Struct({
  step: Schema.String,
  task: Schema.String,
  attempt: Schema.Int,
  /** Where it stands in what was dispatched, for people. */
  place: Schema.String,
  /** The task whose contract declares the error, where that is another: `task` failed in the workflow that its handler returned. */
  declared: optional(Schema.String)
})
export type Decided = typeof Decided.Type

/** The outcome of a node. Slots: its value, its declared error, or the words of its crash; then which way a value came. */
export const OutcomeMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("outcome"),
  run: Schema.String,
  tag: Schema.Literals(["Succeeded", "Failed", "Crashed", "Cancelled", "TimedOut", "Expired"]),
  step: Schema.String,
  attempt: Schema.Int,
  worker: Schema.String,
  /** Epoch milliseconds, broker clock. */
  began: Schema.Number,
  ended: Schema.Number,
  decided: optional(Decided),
  codec: Schema.Literal("json"),
  value: optional(Reference),
  /** Which way the value came (see branches.ts), in a slot or elsewhere; none where every way was the main one. */
  branches: optional(Schema.Union([Schema.Literal(true), Reference])),
  contract: optional(OtherContract)
})
export type OutcomeMessage = typeof OutcomeMessage.Type

/** A frozen plan: the one dispatched, one that a handler returned, or a map's body with its list. Slots: the plan, then a map's list. */
export const FrameMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("frame"),
  run: Schema.String,
  id: Schema.String,
  hash: Schema.String,
  /** Where the outcome of the frame's root goes; for a map, of the whole map. */
  place: Place,
  /** The outcome that, once there, closes the frame. */
  fence: Place,
  scopes: Strings,
  /** Whose place the root takes; absent when the run ends with it. */
  up: optional(Schema.Struct({ frame: FrameKey, node: Schema.Int })),
  map: optional(Schema.Struct({ count: Count, concurrency: optional(Schema.Int) })),
  /** Of a workflow that a handler returned, and of what is inside: the task of the plan that was dispatched whose place it takes. */
  task: optional(Schema.String),
  /** What the outcome of such a workflow says of the way it came, by the tags of the fallbacks it stands in. */
  branches: optional(Schema.Record(Schema.String, Schema.String)),
  /** Where the list or the plan is when it is too large to stand here. */
  items: optional(Reference),
  plan: optional(Reference),
  /** Of the worker that put it in the place of a call. */
  contract: optional(OtherContract),
  /** Of a map's list: as in a call. */
  crossed: optional(Schema.Boolean),
  /** Of a workflow that a handler returned and that waits somewhere: since when it does; epoch milliseconds, broker clock. */
  since: optional(Schema.Number)
})
export type FrameMessage = typeof FrameMessage.Type

/** A failed attempt that is followed by another, or an execution that is about to begin where one was lost. Slot: what went wrong. */
export const AttemptMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("attempt"),
  run: Schema.String,
  step: Schema.String,
  attempt: Schema.Int,
  tag: Schema.Literals(["Failed", "Crashed", "TimedOut", "Lost"]),
  worker: Schema.String,
  at: Schema.Number,
  /** When the next attempt begins; epoch milliseconds, broker clock. */
  next: optional(Schema.Number)
})
export type AttemptMessage = typeof AttemptMessage.Type

/** A call that nobody could execute, as it arrived. Slot: the body in base64; a large one stands beside it, at the index `body`. */
export const DeadMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("dead"),
  subject: Schema.String,
  reason: Schema.String,
  worker: Schema.String,
  at: Schema.Number,
  /** Of the body, in bytes. */
  size: optional(Schema.Int),
  /** What the body says, as far as it can be read. */
  task: optional(Schema.String),
  step: optional(Schema.String),
  attempt: optional(Schema.Int),
  /** How many workers the call has cost. */
  losses: optional(Schema.Int),
  /** Those of them that are known, and when each began. */
  lost: optional(Schema.Array(Schema.Struct({ worker: Schema.String, began: Schema.Number }))),
  /** What the last failed attempt said. */
  words: optional(Schema.String)
})
export type DeadMessage = typeof DeadMessage.Type

/** What holds a key: the run that was started with it. Slot: the key itself, as JSON. */
export const KeyMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("key"),
  run: Schema.String,
  /** Of the workflow and its input: another one cannot be started under this key. */
  hash: Schema.String,
  keep: Schema.Int
})
export type KeyMessage = typeof KeyMessage.Type

/** Every kind of message by its name. */
export const messages = {
  call: CallMessage,
  expand: ExpandMessage,
  sleep: SleepMessage,
  expire: ExpireMessage,
  collect: CollectMessage,
  cancel: CancelMessage,
  outcome: OutcomeMessage,
  frame: FrameMessage,
  attempt: AttemptMessage,
  dead: DeadMessage,
  key: KeyMessage,
  schedule: ScheduleMessage,
  scheduleGroup: ScheduleGroupMessage,
  tick: TickMessage
} as const
export type Message = (typeof messages)[keyof typeof messages]["Type"]
