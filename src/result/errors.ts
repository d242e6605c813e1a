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
 * `ValueTooLarge`, `InputUnavailable`, `CompositionError` or `CannotContinue`. `run` and `result` reject with it.
 * @remedy Mend the handler, or declare the error in the contract. Where `thrown.name` is one of Arpeggio's, see the names below.
 */
export class TaskCrashed extends Schema.TaggedError<TaskCrashed>()("TaskCrashed", {
  ...place,
  /** Name, words, code and stack of what was thrown, as the worker saw it; and the same of what caused it. */
  thrown: Schema.Struct(thrown)
}) {}

/**
 * A handler took longer than its timeout: it had not ended by then, or ended too late. `run` and `result` reject with it.
 * @remedy Raise `timeout` in the contract or with `.with`, let it do less, or move what blocks the event loop into a worker thread.
 */
export class TaskTimedOut extends Schema.TaggedError<TaskTimedOut>()("TaskTimedOut", {
  ...place,
  /** The timeout, in milliseconds. */
  after: Schema.Number,
  /** Milliseconds after which it ended, where the event loop of its worker was blocked past its timeout: what it gave counts for nothing. */
  took: Schema.optionalKey(Schema.Number)
}) {}

/**
 * The run was cancelled before it completed. `run` and `result` reject with it.
 * @remedy Nothing: somebody wanted that. `outcome()` gives it as a value.
 */
export class RunCancelled extends Schema.TaggedError<RunCancelled>()("RunCancelled", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * A call that says when it `expires` had not begun by then, so nobody begins it any more. `run` and `result` reject with it.
 * @remedy Start more workers for its queue, let it expire later with `.with({ expires })`, or start it again.
 */
export class RunExpired extends Schema.TaggedError<RunExpired>()("RunExpired", {
  /** The id of the run. */
  run: Schema.String,
  /** Whether a worker that told no outcome, as one that died, may have begun it in time. When not, nobody has begun it. */
  mayHaveBegun: Schema.Boolean,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * The run had not ended at its deadline, and was stopped. `run` and `result` reject with it.
 * @remedy Give it more time with `.with({ deadline })`, or start it again.
 */
export class RunTimedOut extends Schema.TaggedError<RunTimedOut>()("RunTimedOut", {
  /** The id of the run. */
  run: Schema.String,
  /** Milliseconds from its start to its deadline. */
  after: Schema.Number,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * The key is held by a run of another workflow, or of another input. Thrown by `start` and `run`; nothing was sent.
 * @remedy Attach to the run that holds it (`run`), or choose a key that names this work.
 */
export class KeyTaken extends Schema.TaggedError<KeyTaken>()("KeyTaken", {
  /** The key that was given. */
  key: Schema.String,
  /** The run that holds it; "" when only a newer release can read which. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * Nothing is stored of a run with this id: it was never accepted here, its outcome is no longer kept, or the id is wrong.
 * `result`, `outcome` and `cancel` reject with it; `status` and `describe` only for what cannot be an id.
 * @remedy Compare id, namespace and server; raise `retention` where outcomes are read late.
 */
export class UnknownRun extends Schema.TaggedError<UnknownRun>()("UnknownRun", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * The run was accepted, and its outcome is no longer kept. `result`, `outcome` and `cancel` reject with it.
 * @remedy Raise `retention`, or store what matters in the task.
 */
export class ResultExpired extends Schema.TaggedError<ResultExpired>()("ResultExpired", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * The run did not end within the time given (`within`); it goes on, and can be attached to. Where it was to be cancelled, the cancel is stored.
 * @remedy `attach` to it later. The message says what it waits for, as `run.describe()` does.
 */
export class StillRunning extends Schema.TaggedError<StillRunning>()("StillRunning", {
  /** The id of the run. */
  run: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * The stored value does not fit the workflow it was read as, was stored by a newer release, or is larger than one value may be. `run`, `result` and `outcome` reject with it.
 * @remedy Attach with the workflow that was started, in the version that was started; the message says which side is older.
 */
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

/**
 * There is no dead letter with this id. `read`, `redrive` and `drop` reject with it.
 * @remedy List them again (`deadLetters.list`): it was redriven, perhaps with another one of its run, or dropped.
 */
export class UnknownDeadLetter extends Schema.TaggedError<UnknownDeadLetter>()(
  "UnknownDeadLetter",
  {
    /** The id that was given. */
    letter: Schema.String,
    /** What happened, and what to do about it. */
    message: Schema.String
  }
) {}

/**
 * The run of a dead letter cannot be started again; the message says why. `redrive` rejects with it.
 * @remedy Do what the message says: wait for the end of the run, redrive with the newer release, or start the run anew.
 */
export class NotRedrivable extends Schema.TaggedError<NotRedrivable>()("NotRedrivable", {
  /** The id of the dead letter. */
  letter: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * There is no schedule with this name, or no longer. The verbs of a `Schedule` reject with it.
 * @remedy Declare it with `app.schedule(name, …)`. Names are looked for among the schedules of the app's `owner`.
 */
export class UnknownSchedule extends Schema.TaggedError<UnknownSchedule>()("UnknownSchedule", {
  /** The name that was given. */
  schedule: Schema.String,
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
