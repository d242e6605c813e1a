/** What a task takes, gives and may fail with: all that a caller needs to know of it. */
import type * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"
import type { RetryOptions } from "./retry.ts"

/** A schema of any kind. */
export type AnySchema = Schema.Constraint

/** The plain data of a task. What travels is each schema's type side. */
export interface Contract<
  Input extends ReadonlyArray<AnySchema>,
  Output extends AnySchema,
  Errors extends ReadonlyArray<AnySchema>
> {
  /** The schemas of the arguments, one each, in their order. What is left open in a call is the first. */
  readonly input: InputElements<Input>
  /** The schema of what the handler gives; `Schema.Void` for nothing. */
  readonly output: Travels<Output, "output">
  /** What the handler may fail with, as `Schema.TaggedError` classes; anything else it throws is a crash. Default: none. */
  readonly errors?: { readonly [K in keyof Errors]: ErrorElement<Errors[K]> }
  /** Where calls go that say nothing else: 1 to 32 letters, digits and `-`. Default: "default". */
  readonly queue?: string
  /** How long one attempt may take, up to a year, for example "30 seconds". Then it has `TimedOut`. Default: the worker's `timeout`, ten minutes. */
  readonly timeout?: Duration.Input
  /** Whether and when a failed attempt is followed by another. Default: never. */
  readonly retry?: RetryOptions
}

/** The arguments of a task with this input. */
export type Decoded<Input extends ReadonlyArray<AnySchema>> = {
  -readonly [K in keyof Input]: Input[K] extends { readonly Type: infer A } ? A : never
}

/** Every element as it is, or the sentence that says why it cannot be one. */
export type InputElements<Input extends ReadonlyArray<AnySchema>> = number extends Input["length"]
  ? "input has a fixed number of elements: use a struct, or one Schema.Array"
  : { readonly [K in keyof Input]: InputElement<Input[K], K> }

type InputElement<S, Position> = S extends { readonly "~type.optionality": "optional" }
  ? "an element of input cannot be optional, because the number of arguments decides: use a struct"
  : S extends { readonly Type: infer A }
    ? Position extends "0"
      ? [A] extends [void]
        ? [A] extends [never]
          ? S
          : "the first element of input cannot be void, because nothing could be left for the step before: use a struct"
        : Travels<S, "this element of input">
      : Travels<S, "this element of input">
    : S

type ErrorElement<S> = S extends { readonly Type: { readonly _tag: string } }
  ? Travels<S, "this error">
  : "an error carries a _tag: declare it with Schema.TaggedError"

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
export type ErrorsOf<Errors extends ReadonlyArray<AnySchema>> = Errors[number]["Type"]
