/** What goes wrong before anything is sent: a contract, a value or a composition that cannot be. */
import * as Schema from "effect/Schema"

/** A task was declared with something it cannot have. Thrown where `task` or `implement` is called. */
export class ContractError extends Schema.TaggedError<ContractError>()("ContractError", {
  task: Schema.String,
  message: Schema.String
}) {}

const place = {
  task: Schema.String,
  /** Where in the arguments or in the output, for example `input[0].user.age`. */
  path: Schema.String,
  expected: Schema.String,
  /** What stood there instead, shortened. */
  received: Schema.String,
  message: Schema.String
}

/** An argument does not fit the task's input. Thrown where the call is built, before anything is sent. */
export class InvalidInput extends Schema.TaggedError<InvalidInput>()("InvalidInput", place) {}

/** A handler returned something that its contract's output does not allow. */
export class InvalidOutput extends Schema.TaggedError<InvalidOutput>()("InvalidOutput", place) {}

/** Workflows were put together in a way that cannot run; the compiler says the same sentence. */
export class CompositionError extends Schema.TaggedError<CompositionError>()("CompositionError", {
  message: Schema.String
}) {}

/** `step()` was asked for outside a handler. */
export class NoStep extends Schema.TaggedError<NoStep>()("NoStep", {
  message: Schema.String
}) {}
