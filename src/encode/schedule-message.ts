/** The messages of schedules, version 1, as those in message.ts. */
import * as Schema from "effect/Schema"

const optional = Schema.optionalKey

/** A schedule. Times in milliseconds, moments in those since the epoch by the broker's clock. Slots: the plan that it starts, and its input. */
export const ScheduleMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("schedule"),
  name: Schema.String,
  /** Of those that are declared together. */
  group: optional(Schema.String),
  /** Of all that was declared: the same once more changes nothing. */
  hash: Schema.String,
  /** Another one whenever its timers have other times. */
  revision: Schema.String,
  cron: optional(Schema.String),
  timeZone: optional(Schema.String),
  every: optional(Schema.Number),
  offset: optional(Schema.Number),
  from: optional(Schema.Number),
  until: optional(Schema.Number),
  misfire: Schema.Literals(["skip", "once", "all"]),
  most: Schema.Int,
  tolerance: Schema.Number,
  overlap: Schema.Literals(["allow", "skip", "cancel-previous"]),
  jitter: Schema.Number,
  /** How long the outcomes of its runs are kept. */
  keep: Schema.Int,
  /** Their deadline: so long after the start, or a moment. */
  deadline: optional(
    Schema.Union([Schema.Struct({ after: Schema.Number }), Schema.Struct({ at: Schema.Number })])
  ),
  /** The time whose start is owed; absent where no more comes. */
  next: optional(Schema.Number),
  /** When the start of that time was begun, where it was late: what its run is named by. */
  began: optional(Schema.Number),
  /** The last time that was started, and its run. */
  last: optional(Schema.Struct({ at: Schema.Number, run: Schema.String })),
  paused: optional(Schema.Struct({ since: Schema.Number, reason: optional(Schema.String) })),
  /** Times that were not started because the run before was under way, and such that were too late. */
  skipped: Schema.Int,
  missed: Schema.Int
})
export type ScheduleMessage = typeof ScheduleMessage.Type

/** What a timer of a schedule becomes: says that it is to be looked whether something is due. */
export const TickMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("tick"),
  name: Schema.String,
  /** Since when it could not be done; epoch milliseconds, broker clock. */
  since: optional(Schema.Number)
})
export type TickMessage = typeof TickMessage.Type

/** Which schedules of a group count, where several versions of a program declare it. */
export const ScheduleGroupMessage = Schema.Struct({
  v: Schema.Literal(1),
  kind: Schema.Literal("scheduleGroup"),
  group: Schema.String,
  /** Of all that it declares. */
  hash: Schema.String,
  /** When somebody last said so. */
  at: Schema.Number,
  /** Those whose place it has taken, the last first. */
  before: Schema.Array(Schema.String)
})
export type ScheduleGroupMessage = typeof ScheduleGroupMessage.Type

/** By which schedule a run was started, and for which time; epoch milliseconds. */
export const Occasion = Schema.Struct({
  name: Schema.String,
  at: Schema.Number,
  /** Set where somebody started it by hand, at that time. */
  triggered: optional(Schema.Literal(true))
})
