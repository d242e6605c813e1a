/** What became of a step or a run: plain tagged values, with schemas so that a task can take one. */
import * as Schema from "effect/Schema"
import { errorCodecOf } from "./error-codec.ts"
import type { AnySchema, StandardSchema, TypeOf } from "./contract.ts"
import { ContractError } from "./errors.ts"
import { received } from "./describe-value.ts"
import { schemaOf } from "./standard.ts"

/** Which step decided an outcome. */
export interface Origin {
  /** The id of the run. */
  readonly run: string
  /** The step, as in logs and in `step().id`. */
  readonly step: string
  /** The name of its task. */
  readonly task: string
  /** Which attempt it was, from 1. */
  readonly attempt: number
}

/** The task returned a value. */
export interface Succeeded<out A> {
  readonly _tag: "Succeeded"
  /** What the task returned, or the workflow. */
  readonly value: A
}

/** A task failed with one of its declared errors. */
export interface Failed<out E> {
  readonly _tag: "Failed"
  /** The declared error: an instance of its class. */
  readonly error: E
  /** The step that failed with it. */
  readonly failure: Origin
}

/** A handler threw something undeclared or returned what its contract does not allow, or the step was given up. */
export interface Crashed {
  readonly _tag: "Crashed"
  /** What was thrown said, and what caused it. */
  readonly message: string
  /** The class of what was thrown, or why the step was given up, as in `TaskCrashed`. */
  readonly name?: string
  /** The step that decided it, where it was one. */
  readonly failure?: Origin
}

/** Somebody cancelled it before it had ended. */
export interface Cancelled {
  readonly _tag: "Cancelled"
  /** Why, where that is known. */
  readonly reason?: string
}

/** An attempt took longer than its timeout, or the run had not ended at its deadline. */
export interface TimedOut {
  readonly _tag: "TimedOut"
  /** Milliseconds: the timeout, or the time from the start of the run to its deadline. */
  readonly after: number
  /** The step that decided it, where it was one. */
  readonly failure?: Origin
}

/** It was not begun in time: a call that says when it `expires`. */
export interface Expired {
  readonly _tag: "Expired"
  /**
   * There when a worker was given the call in time and told no outcome, as one that died: it may have begun it, and even ended it.
   * Without this nobody has begun it.
   */
  readonly mayHaveBegun?: true
}

/** How something can fail without having declared it. */
export type Undeclared = Crashed | TimedOut | Expired

/**
 * What `onFailure` hands to its callback, and `ifFailed` to its cleanup: the error with the step it comes from. For a run that missed its deadline,
 * task and step are "".
 */
export interface Failure<out E = never> extends Origin {
  /** The declared error, an instance of its class, or the outcome where there is none. */
  readonly error: E | Undeclared
}

/** One of the six ways in which something ends. It is committed once and never changes. */
export type Outcome<A, E = never> =
  | Succeeded<A>
  | Failed<E>
  | Crashed
  | Cancelled
  | TimedOut
  | Expired

const origin = {
  run: Schema.String,
  step: Schema.String,
  task: Schema.String,
  attempt: Schema.Finite
}
const failure = Schema.optionalKey(Schema.Struct(origin))

const crashed: Schema.Codec<Crashed, unknown> = Schema.TaggedStruct("Crashed", {
  message: Schema.String,
  name: Schema.optionalKey(Schema.String),
  failure
})
const timedOut: Schema.Codec<TimedOut, unknown> = Schema.TaggedStruct("TimedOut", {
  after: Schema.Finite,
  failure
})
const expired: Schema.Codec<Expired, unknown> = Schema.TaggedStruct("Expired", {
  mayHaveBegun: Schema.optionalKey(Schema.Literal(true))
})
const undeclared = [crashed, timedOut, expired] as const

/** The type of a schema of outcomes. */
export type OutcomeSchema<A, E> = Schema.Codec<Outcome<A, E>, unknown>

const schema = <
  Output extends AnySchema | StandardSchema,
  const Errors extends ReadonlyArray<AnySchema | StandardSchema> = []
>(
  output: Output,
  errors?: Errors
): OutcomeSchema<TypeOf<Output>, TypeOf<Errors[number]>> => {
  const what = "Outcome.schema"
  tagsOf(what, errors)
  return Schema.Union([
    Schema.TaggedStruct("Succeeded", { value: typeSide(what, output) }),
    Schema.TaggedStruct("Failed", {
      error: Schema.Union((errors ?? []).map((error) => typeSide(what, error))),
      failure
    }),
    ...undeclared,
    Schema.TaggedStruct("Cancelled", { reason: Schema.optionalKey(Schema.String) })
  ]) as never
}

const refused = (what: string, why: string): ContractError =>
  new ContractError({ task: "", message: `${what}: ${why}` })

/** A schema of what the values of another are. Throws a `ContractError` for what is none. */
const typeSide = (what: string, given: AnySchema | StandardSchema): Schema.Top => {
  const schema = schemaOf(given) ?? `${received(given)} is not a schema`
  if (typeof schema === "string") throw refused(what, schema)
  return Schema.toType(schema as Schema.Top)
}

/** The tags by which these errors are told apart. Throws a `ContractError` where they cannot be. */
const tagsOf = (
  what: string,
  errors: ReadonlyArray<AnySchema | StandardSchema> = []
): ReadonlySet<string> => {
  const codec = errorCodecOf(errors)
  if (typeof codec !== "string") return codec.tags
  throw refused(what, codec)
}

const failureSchema = <const Errors extends ReadonlyArray<AnySchema | StandardSchema> = []>(
  errors?: Errors
): Schema.Codec<Failure<TypeOf<Errors[number]>>, unknown> => {
  const tags = tagsOf("Failure.schema", errors)
  const clash = ["Crashed", "TimedOut", "Expired"].find((tag) => tags.has(tag))
  if (clash !== undefined) {
    const why = `a declared error called ${clash} cannot be told from the outcome ${clash}, which is what a failure holds where nothing was declared: give the error another _tag, or leave it out here and settle what may fail with it`
    throw refused("Failure.schema", why)
  }
  return Schema.Struct({
    ...origin,
    error: Schema.Union([
      ...(errors ?? []).map((error) => typeSide("Failure.schema", error)),
      ...undeclared
    ])
  }) as never
}

/** The schemas of outcomes, for tasks that take one, and what tells outcomes apart. */
export const Outcome: {
  /**
   * The schema of what `settle` gives, by the schemas of the output and of the errors. Throws a `ContractError` for
   * errors that cannot be told apart, and for what is no schema.
   */
  readonly schema: typeof schema
  /** The schema of what a fallback of `recover` for `Crashed` is given. */
  readonly crashed: typeof crashed
  /** The schema of what a fallback of `recover` for `TimedOut` is given. */
  readonly timedOut: typeof timedOut
  /** An outcome that has succeeded, for tests. */
  readonly succeeded: <A>(value: A) => Succeeded<A>
  /** Whether it has succeeded: then it has a `value`. */
  readonly isSucceeded: <A, E>(outcome: Outcome<A, E>) => outcome is Succeeded<A>
  /** Whether a task failed with a declared error: then it has an `error`. */
  readonly isFailed: <A, E>(outcome: Outcome<A, E>) => outcome is Failed<E>
} = {
  schema,
  crashed,
  timedOut,
  succeeded: (value) => ({ _tag: "Succeeded", value }),
  isSucceeded: (outcome) => outcome._tag === "Succeeded",
  isFailed: (outcome) => outcome._tag === "Failed"
}

/** The schema of failures, for tasks that `onFailure` or `ifFailed` calls. */
export const Failure: {
  /**
   * The schema of a failure with one of these errors. Throws a `ContractError` for errors that cannot be told apart, or
   * from the outcomes that a failure can hold as well.
   */
  readonly schema: typeof failureSchema
} = { schema: failureSchema }
