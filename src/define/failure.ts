/** What goes wrong before anything is sent: a contract, a value or a composition that cannot be. */
import * as Schema from "effect/Schema"

/** A task was declared, or an option given, that cannot be. Thrown where that is done, before anything is sent or served. */
export class ContractError extends Schema.TaggedError<ContractError>()("ContractError", {
  /** Its name; "" for an option that belongs to no task. */
  task: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

const place = {
  /** The name of the task. */
  task: Schema.String,
  /** Where in the arguments or in the output, for example `input[0].user.age`. */
  path: Schema.String,
  /** What the schema asks for there. */
  expected: Schema.String,
  /** What stood there instead, shortened. */
  received: Schema.String,
  /** What happened, and what to do about it. */
  message: Schema.String
}

/** An argument, or what a workflow is run with, does not fit a task's input. Thrown where the call is built, or where the run is started; nothing was sent. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", place) {}

/** A handler returned something that its contract's output does not allow. */
export class InvalidOutput extends Schema.TaggedError<InvalidOutput>()("InvalidOutput", place) {}

/** Workflows were put together in a way that cannot run; the compiler says the same sentence. */
export class CompositionError extends Schema.TaggedError<CompositionError>()("CompositionError", {
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** `step()` was called outside a handler. */
export class NoStep extends Schema.TaggedError<NoStep>()("NoStep", {
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** Why a running handler was told to stop. */
export const StopWord: Schema.Literals<
  readonly ["cancelled", "timedOut", "leaseLost", "draining", "scopeClosed"]
> = Schema.Literals(["cancelled", "timedOut", "leaseLost", "draining", "scopeClosed"])

/** The reason of `step().signal`: why the handler was told to stop. */
export class StepStopped extends Schema.TaggedError<StepStopped>()("StepStopped", {
  /**
   * `cancelled`: somebody cancelled the run. `timedOut`: the attempt took longer than its timeout, or the run has
   * missed its deadline. `leaseLost`: another worker has taken the step over. `draining`: this worker stops, and the
   * step runs again elsewhere. `scopeClosed`: the group, map or run around the step has failed, so that nobody needs
   * its value.
   */
  reason: StopWord,
  /** The reason in words. */
  message: Schema.String
}) {}
