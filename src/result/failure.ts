/** What `run` and `result` reject with when a run did not succeed for another reason than a declared error. */
import * as Schema from "effect/Schema"

const place = {
  run: Schema.String,
  task: Schema.String,
  step: Schema.String,
  attempt: Schema.Int,
  message: Schema.String
}

/**
 * A handler threw something its contract does not declare, or returned what its contract does not allow; or Arpeggio gave
 * the step up, which `thrown.name` says: `WorkerLost`, `UnknownTask`, `InvalidInput`, `InvalidOutput`, `ValueTooLarge`,
 * `InputUnavailable`, `CompositionError` or `CannotContinue`.
 */
export class TaskCrashed extends Schema.TaggedError<TaskCrashed>()("TaskCrashed", {
  ...place,
  /** Name, words and stack of what was thrown, as the worker saw it. */
  thrown: Schema.Struct({
    name: Schema.String,
    message: Schema.String,
    stack: Schema.optionalKey(Schema.String)
  })
}) {}

/** A handler took longer than its timeout. */
export class TaskTimedOut extends Schema.TaggedError<TaskTimedOut>()("TaskTimedOut", {
  ...place,
  /** Milliseconds. */
  after: Schema.Number
}) {}

/** The run was cancelled before it completed. */
export class RunCancelled extends Schema.TaggedError<RunCancelled>()("RunCancelled", {
  run: Schema.String,
  message: Schema.String
}) {}

/** The run was not begun before it expired. Reserved: nothing expires yet. */
export class RunExpired extends Schema.TaggedError<RunExpired>()("RunExpired", {
  run: Schema.String,
  message: Schema.String
}) {}

/** The run had not ended at its deadline, and was stopped. */
export class RunTimedOut extends Schema.TaggedError<RunTimedOut>()("RunTimedOut", {
  run: Schema.String,
  /** Milliseconds from its start to its deadline. */
  after: Schema.Number,
  message: Schema.String
}) {}

/** The key is held by a run of another workflow, or of another input. Thrown by `start` and `run`; nothing was sent. */
export class KeyTaken extends Schema.TaggedError<KeyTaken>()("KeyTaken", {
  key: Schema.String,
  /** The run that holds it; "" when only a newer release can read which. */
  run: Schema.String,
  message: Schema.String
}) {}

/** Nothing is known of a run with this id: it was never accepted here, or the id is wrong. */
export class UnknownRun extends Schema.TaggedError<UnknownRun>()("UnknownRun", {
  run: Schema.String,
  message: Schema.String
}) {}

/** The run is so old that its outcome, if it had one, is no longer kept. */
export class ResultExpired extends Schema.TaggedError<ResultExpired>()("ResultExpired", {
  run: Schema.String,
  message: Schema.String
}) {}

/** The run did not end within the time given; it goes on, and can be attached to. */
export class StillRunning extends Schema.TaggedError<StillRunning>()("StillRunning", {
  run: Schema.String,
  message: Schema.String
}) {}

/** The stored value does not fit the workflow it was read as. */
export class InvalidResult extends Schema.TaggedError<InvalidResult>()("InvalidResult", {
  run: Schema.String,
  path: Schema.String,
  expected: Schema.String,
  received: Schema.String,
  message: Schema.String
}) {}

/** There is no dead letter with this id. */
export class UnknownDeadLetter extends Schema.TaggedError<UnknownDeadLetter>()(
  "UnknownDeadLetter",
  { letter: Schema.String, message: Schema.String }
) {}

/** The run of a dead letter cannot be started again; the message says why. */
export class NotRedrivable extends Schema.TaggedError<NotRedrivable>()("NotRedrivable", {
  letter: Schema.String,
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
