/** What goes wrong before anything is sent: a contract, a value or a composition that cannot be. */
import * as Schema from "effect/Schema"

/**
 * A task was declared, or an option given, that cannot be. Thrown where that is done, before anything is sent or served;
 * verbs that give a promise reject with it.
 * @remedy Do what the last sentence of the message says; a misspelt option is named beside the nearest that there is.
 */
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

/**
 * An argument, or what a workflow is run with, does not fit a task's input. Thrown where the call is built, or where the run is started; nothing was sent.
 * @remedy Mend the call: `path` says where, `expected` what belongs there.
 */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", place) {}

/**
 * A handler returned something that its contract's output does not allow. Nobody catches it: the step has crashed, and
 * `thrown` of a `TaskCrashed` says so.
 * @remedy Mend the handler, or widen the contract's `output`.
 */
export class InvalidOutput extends Schema.TaggedError<InvalidOutput>()("InvalidOutput", place) {}

/**
 * Workflows were put together in a way that cannot run; the compiler says the same sentence. Thrown by `chain`, `group` and
 * the like, by `.with`, and by `encodeWorkflow` and `decodeWorkflow`.
 * @remedy Do what the message says. Type-check where the composition is written: the compiler finds it earlier.
 */
export class CompositionError extends Schema.TaggedError<CompositionError>()("CompositionError", {
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/**
 * `step()` was called outside a handler, or in a callback that has lost the handler's async context.
 * @remedy Call it at the beginning of the handler, and pass on what is needed.
 */
export class NoStep extends Schema.TaggedError<NoStep>()("NoStep", {
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

const stopWords = [
  /**
   * Somebody cancelled the run.
   * @remedy Stop.
   */
  "cancelled",
  /**
   * The attempt took longer than its timeout, or the run has missed its deadline.
   * @remedy Stop.
   */
  "timedOut",
  /**
   * This worker was silent for longer than its lease of 30 seconds, and another worker has taken the step over.
   * @remedy Stop, and look for what blocked the event loop.
   */
  "leaseLost",
  /**
   * This worker stops and its `grace` is over; the step runs again elsewhere.
   * @remedy Stop where the step can be done again. Steps that take long need a worker with a longer `grace`.
   */
  "draining",
  /**
   * The group, map or run around the step has failed, so that nobody needs its value.
   * @remedy Stop.
   */
  "scopeClosed"
] as const

/** Why a running handler was told to stop. */
export const StopWord: Schema.Literals<typeof stopWords> = Schema.Literals(stopWords)

/**
 * The reason of `step().signal`: why the handler was told to stop. Whatever takes the signal (`fetch`, for example) rejects with it.
 * @remedy Let it pass, or undo what is half done and end: what the handler gives from now on counts for nothing.
 */
export class StepStopped extends Schema.TaggedError<StepStopped>()("StepStopped", {
  /**
   * Why: somebody cancelled the run (`cancelled`), the attempt took longer than its timeout or the run has missed its
   * deadline (`timedOut`), another worker has taken the step over (`leaseLost`), this worker stops (`draining`), or the
   * scope around the step has failed (`scopeClosed`).
   */
  reason: StopWord,
  /** The reason in words. */
  message: Schema.String
}) {}
