/** What a task takes, gives and may fail with: all that a caller needs to know of it. */
import type * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import type { RetryOptions } from "./retry.ts"

/** A schema of any kind. */
export type AnySchema = Schema.Constraint

/** What may stand where schemas belong: anything, so that what is wrong is said of the very thing that is. */
type List = ReadonlyArray<unknown>

/** The plain data of a task. What travels is each schema's type side. */
export interface Contract<Input extends List, Output, Errors extends List> {
  /** The schemas of the arguments, one each, in their order. What is left open in a call is the first. */
  readonly input: InputElements<Input>
  /** The schema of what the handler gives; `Schema.Void` for nothing. */
  readonly output: OutputSchema<Output>
  /** What the handler may fail with, as `Schema.TaggedError` classes; anything else it throws is a crash. Default: none. */
  readonly errors?: ErrorElements<Errors>
  /** Where calls go that say nothing else: 1 to 32 letters, digits and `-`. Default: "default". */
  readonly queue?: string
  /** How long one attempt may take, up to a year, for example "30 seconds". Then it has `TimedOut`. Default: the worker's `timeout`, ten minutes. */
  readonly timeout?: Duration.Input
  /** Whether and when a failed attempt is followed by another. Default: never. */
  readonly retry?: RetryOptions
}

/** What a schema's values are. */
export type TypeOf<S> = S extends { readonly Type: infer A } ? A : never

/** The arguments of a task with this input. */
export type Decoded<Input extends List> = { -readonly [K in keyof Input]: TypeOf<Input[K]> }

/** Every element as it is, or the sentence that says why it cannot be one. */
export type InputElements<Input extends List> = number extends Input["length"]
  ? unknown extends Input[number]
    ? "input is a list of schemas, for example [Schema.Finite]"
    : "input has a fixed number of elements: use a struct, or one Schema.Array"
  : { readonly [K in keyof Input]: InputElement<Input[K], K> }

type InputElement<S, Position> = S extends AnySchema
  ? S extends { readonly "~type.optionality": "optional" }
    ? "an element of input cannot be optional, because the number of arguments decides: use a struct"
    : S extends Untyped
      ? `input[${At<Position>}] cannot travel: ${Loses<S>}`
      : Position extends "0"
        ? [S["Type"]] extends [void]
          ? [S["Type"]] extends [never]
            ? S
            : "the first element of input cannot be void, because nothing could be left for the step before: use a struct"
          : Travels<S, "this element of input">
        : Travels<S, "this element of input">
  : `input[${At<Position>}] is not a schema`

type OutputSchema<S> = S extends AnySchema
  ? S extends Untyped
    ? `output cannot travel: ${Loses<S>}`
    : Travels<S, "output">
  : "output is not a schema; a task that gives nothing has Schema.Void"

/** Where it is no list at all, the compiler takes the default, which is none, or a list of anything. */
type ErrorElements<Errors extends List> = Errors extends readonly []
  ? readonly [] | NoErrorList
  : unknown extends Errors[number]
    ? NoErrorList
    : { readonly [K in keyof Errors]: ErrorElement<Errors[K], K> }

type NoErrorList = "errors is a list of Schema.TaggedError classes"

type ErrorElement<S, Position> = S extends AnySchema
  ? S extends Untyped
    ? `errors[${At<Position>}]: ${Loses<S>}`
    : S extends { readonly Type: { readonly _tag: string } }
      ? Travels<S, "this error">
      : "an error carries a _tag: declare it with Schema.TaggedError"
  : `errors[${At<Position>}] is not a schema`

type At<Position> = Position extends string ? Position : "…"

/** The schemas that say nothing of what is inside. */
type Untyped = { readonly ast: { readonly _tag: "Any" | "Unknown" | "ObjectKeyword" } }

type Loses<S> = S extends { readonly ast: { readonly _tag: infer Tag extends string } }
  ? `it contains Schema.${Tag}, which allows values that JSON would lose: use Schema.Json, or say what is inside`
  : never

/** A schema whose conversion needs services cannot be used where values are converted outside any program. */
type Travels<S, What extends string> = S extends {
  readonly DecodingServices: infer Decoding
  readonly EncodingServices: infer Encoding
}
  ? [Decoding | Encoding] extends [never]
    ? S
    : `${What} needs services to be converted: use Schema.toType(…) of it`
  : S

/** What a contract's errors decode to. */
export type ErrorsOf<Errors extends List> = TypeOf<Errors[number]>
