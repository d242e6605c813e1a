/** What `run` and `result` reject with when a run did not succeed for another reason than a declared error. */
import * as Schema from "effect/Schema"
import type { Thrown } from "../encode/thrown.ts"

const place = {
  /** The id of the run. */
  run: Schema.String,
  /** The name of the task. */
  task: Schema.String,
  /** The step, as in logs and in `step().id`. */
  step: Schema.String,
  /** Which attempt it was, from 1. */
  attempt: Schema.Int,
  /** What happened, and what to do about it. */
  message: Schema.String
}

const thrown = {
  name: Schema.String,
  message: Schema.String,
  stack: Schema.optionalKey(Schema.String),
  code: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])),
  cause: Schema.optionalKey(Schema.suspend((): Schema.Codec<Thrown> => inner)),
  errors: Schema.optionalKey(Schema.Array(Schema.suspend((): Schema.Codec<Thrown> => inner)))
}
const inner: Schema.Codec<Thrown> = Schema.Struct(thrown)

/**
 * A handler threw something its contract does not declare, or returned what its contract does not allow; or Arpeggio gave
 * the step up, which `thrown.name` says: `WorkerLost`, `UnknownTask`, `UnservedQueue`, `InvalidInput`, `InvalidOutput`,
 * `ValueTooLarge`, `InputUnavailable`, `CompositionError` or `CannotContinue`.
 */
export class TaskCrashed extends Schema.TaggedError<TaskCrashed>()("TaskCrashed", {
  ...place,
  /** Name, words, code and stack of what was thrown, as the worker saw it; and the same of what caused it. */
  thrown: Schema.Struct(thrown)
}) {}

/** A handler took longer than its timeout: it had not ended by then, or ended too late. */
export class TaskTimedOut extends Schema.TaggedError<TaskTimedOut>()("TaskTimedOut", {
  ...place,
  /** The timeout, in milliseconds. */
  after: Schema.Number,
  /** Milliseconds after which it ended, where the event loop of its worker was blocked past its timeout: what it gave counts for nothing. */
  took: Schema.optionalKey(Schema.Number)
}) {}

/** The run was cancelled before it completed. */
export class RunCancelled extends Schema.TaggedError<RunCancelled>()("RunCancelled", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** The run was not begun before it expired. Reserved: nothing expires yet. */
export class RunExpired extends Schema.TaggedError<RunExpired>()("RunExpired", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** The run had not ended at its deadline, and was stopped. */
export class RunTimedOut extends Schema.TaggedError<RunTimedOut>()("RunTimedOut", {
  /** The id of the run. */
  run: Schema.String,
  /** Milliseconds from its start to its deadline. */
  after: Schema.Number,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** The key is held by a run of another workflow, or of another input. Thrown by `start` and `run`; nothing was sent. */
export class KeyTaken extends Schema.TaggedError<KeyTaken>()("KeyTaken", {
  /** The key that was given. */
  key: Schema.String,
  /** The run that holds it; "" when only a newer release can read which. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** Nothing is stored of a run with this id: it was never accepted here, its outcome is no longer kept, or the id is wrong. */
export class UnknownRun extends Schema.TaggedError<UnknownRun>()("UnknownRun", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** The run was accepted, and its outcome is no longer kept. */
export class ResultExpired extends Schema.TaggedError<ResultExpired>()("ResultExpired", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** The run did not end within the time given; it goes on, and can be attached to. Where it was to be cancelled, the cancel is stored. */
export class StillRunning extends Schema.TaggedError<StillRunning>()("StillRunning", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** The stored value does not fit the workflow it was read as. */
export class InvalidResult extends Schema.TaggedError<InvalidResult>()("InvalidResult", {
  /** The id of the run. */
  run: Schema.String,
  /** Where in what was stored, for example `outcome.user.age`. */
  path: Schema.String,
  /** What the workflow's schema asks for there. */
  expected: Schema.String,
  /** What stood there instead, shortened. */
  received: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** There is no dead letter with this id. */
export class UnknownDeadLetter extends Schema.TaggedError<UnknownDeadLetter>()(
  "UnknownDeadLetter",
  {
    /** The id that was given. */
    letter: Schema.String,
    /** What happened, and what to do about it. */
    message: Schema.String
  }
) {}

/** The run of a dead letter cannot be started again; the message says why. */
export class NotRedrivable extends Schema.TaggedError<NotRedrivable>()("NotRedrivable", {
  /** The id of the dead letter. */
  letter: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** Every way in which waiting for a run can fail besides its declared errors and the broker's. */
export type RunError =
  | TaskCrashed
  | TaskTimedOut
  | RunCancelled
  | RunExpired
  | RunTimedOut
  | UnknownRun
  | ResultExpired
  | StillRunning
  | InvalidResult
