/** What became of a step or a run: plain tagged values, with schemas so that a task can take one. */
import * as Schema from "effect/Schema"
import { errorCodecOf } from "./error-codec.ts"
import type { AnySchema, StandardSchema, TypeOf } from "./contract.ts"
import { ContractError } from "./failure.ts"
import { received } from "./received.ts"
import { schemaOf } from "./standard.ts"

/** Which step decided an outcome. */
export interface Origin {
  readonly run: string
  readonly step: string
  readonly task: string
  readonly attempt: number
}

/** The task returned a value. */
export interface Succeeded<out A> {
  readonly _tag: "Succeeded"
  readonly value: A
}

/** A task failed with one of its declared errors. */
export interface Failed<out E> {
  readonly _tag: "Failed"
  readonly error: E
  readonly failure?: Origin
}

/** A handler threw something undeclared or returned what its contract does not allow, or the step was given up. `message` also names what caused it. */
export interface Crashed {
  readonly _tag: "Crashed"
  readonly message: string
  readonly name?: string
  readonly failure?: Origin
}

/** Somebody cancelled it before it had ended. */
export interface Cancelled {
  readonly _tag: "Cancelled"
  readonly reason?: string
}

/** An attempt took longer than its timeout, `after` milliseconds; or the run had not ended at its deadline, so long after its start. */
export interface TimedOut {
  readonly _tag: "TimedOut"
  readonly after: number
  readonly failure?: Origin
}

/** It was not begun in time. */
export interface Expired {
  readonly _tag: "Expired"
}

/** How something can fail without having declared it. */
export type Undeclared = Crashed | TimedOut | Expired

/**
 * What `onFailure` hands to its callback, and `ifFailed` to its cleanup: the error with the step it comes from. `error` is the declared error (an
 * instance of its class), or the outcome where there is none. For a run that missed its deadline, task and step are "".
 */
export interface Failure<out E = never> extends Origin {
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
const undeclared = [crashed, timedOut, Schema.TaggedStruct("Expired", {})] as const

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

/**
 * `Outcome.schema(output, errors)` is the schema of what `settle` gives, for a task that takes one; `Outcome.crashed` and
 * `Outcome.timedOut` are those of what a fallback of `recover` for `Crashed` or `TimedOut` is given.
 *
 * Throws a `ContractError` for errors that cannot be told apart.
 */
export const Outcome: {
  readonly schema: typeof schema
  readonly crashed: typeof crashed
  readonly timedOut: typeof timedOut
  readonly succeeded: <A>(value: A) => Succeeded<A>
  readonly isSucceeded: <A, E>(outcome: Outcome<A, E>) => outcome is Succeeded<A>
  readonly isFailed: <A, E>(outcome: Outcome<A, E>) => outcome is Failed<E>
} = {
  schema,
  crashed,
  timedOut,
  succeeded: (value) => ({ _tag: "Succeeded", value }),
  isSucceeded: (outcome) => outcome._tag === "Succeeded",
  isFailed: (outcome) => outcome._tag === "Failed"
}

/**
 * `Failure.schema(errors)` is the schema of a failure with one of these errors, for a task that `onFailure` or `ifFailed` calls.
 *
 * Throws a `ContractError` for errors that cannot be told apart, or from the outcomes that a failure can hold as well.
 */
export const Failure: { readonly schema: typeof failureSchema } = { schema: failureSchema }
