/** What a task takes, gives and may fail with: all that a caller needs to know of it. */
import type { HowLong, WithUnit } from "./duration.ts"
import type * as Schema from "effect/Schema"
import type { RetriedOn, RetryOptions, RetryWords, ThrownClass } from "./retry.ts"

/** A schema of effect. */
export type AnySchema = Schema.Constraint

/** A schema of another library, by Standard Schema: zod, valibot, arktype. */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined
  }
}

/** What may stand where schemas belong: anything, so that what is wrong is said of the very thing that is. */
type List = ReadonlyArray<unknown>

/** The plain data of a task. What travels is each schema's type side. */
export interface Contract<
  Input extends List,
  Output,
  Errors extends List,
  On extends List = ReadonlyArray<string | ThrownClass>
> {
  /** The schemas of the arguments, one each, in their order. What is left open in a call is the first. */
  readonly input: InputElements<Input>
  /** The schema of what the handler gives; `Schema.Void` for nothing. */
  readonly output: OutputSchema<Output>
  /** What the handler may fail with, as `Schema.TaggedError` classes; anything else it throws is a crash. Default: none. */
  readonly errors?: ErrorElements<Errors>
  /** Where calls go that say nothing else: 1 to 32 letters, digits and `-`. Default: "default". */
  readonly queue?: string
  /** How long one attempt may take, up to a year, for example "30 seconds". Then it has `TimedOut`. Default: the worker's `timeout`, ten minutes. */
  readonly timeout?: HowLong<WithUnit<"timeout">>
  /** Whether and when a failed attempt is followed by another. Default: never. */
  readonly retry?: RetryOptions<RetriedOn<On, ErrorsOf<Errors>>> | RetryWords
  /** How long a call waits before it may begin, for example "10 seconds", where it says nothing else. Default: not at all. */
  readonly delay?: HowLong<WithUnit<"delay">>
  /** How soon a call has to have begun, for example "5 minutes", or it has ended as `Expired`. Default: never. */
  readonly expires?: HowLong<WithUnit<"expires">>
}

/** What a schema's values are. */
export type TypeOf<S> = S extends { readonly Type: infer A }
  ? A
  : S extends StandardSchema
    ? NonNullable<S["~standard"]["types"]>["output"]
    : never

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
      : IsVoidFirst<S, Position> extends true
        ? VoidFirst
        : Travels<S, "this element of input">
  : S extends StandardSchema
    ? IsVoidFirst<S, Position> extends true
      ? VoidFirst
      : StandardTravels<S, `input[${At<Position>}]`>
    : `input[${At<Position>}] is not a schema${NoSchema}`

type IsVoidFirst<S, Position> = Position extends "0"
  ? [TypeOf<S>] extends [never]
    ? false
    : unknown extends TypeOf<S>
      ? false
      : [TypeOf<S>] extends [void]
        ? true
        : false
  : false

type VoidFirst =
  "the first element of input cannot be void, because nothing could be left for the step before: use a struct"

type OutputSchema<S> = S extends AnySchema
  ? S extends Untyped
    ? `output cannot travel: ${Loses<S>}`
    : Travels<S, "output">
  : S extends StandardSchema
    ? StandardTravels<S, "output">
    : `output is not a schema${NoSchema}; a task that gives nothing has Schema.Void`

/** The schema of what is passed on, or the sentence that says why it cannot be. */
export type PassedSchema<S> = S extends AnySchema
  ? S extends Untyped
    ? `what pass is given cannot travel: ${Loses<S>}`
    : [TypeOf<S>] extends [void]
      ? "nothing arrives by a schema of nothing: give pass the schema of what is passed on"
      : Travels<S, "the schema of pass">
  : S extends StandardSchema
    ? StandardTravels<S, "what pass is given">
    : "pass takes the schema of what arrives, for example pass(Order)"

/** Where it is no list at all, the compiler takes the default, which is none, or a list of anything. */
type ErrorElements<Errors extends List> = Errors extends readonly []
  ? readonly [] | NoErrorList
  : unknown extends Errors[number]
    ? NoErrorList
    : { readonly [K in keyof Errors]: ErrorElement<Errors[K], K> }

type NoErrorList =
  "errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag"

type ErrorElement<S, Position> = S extends AnySchema
  ? S extends Untyped
    ? `errors[${At<Position>}]: ${Loses<S>}`
    : S extends { readonly Type: { readonly _tag: string } }
      ? Travels<S, "this error">
      : "an error carries a _tag: declare it with Schema.TaggedError"
  : S extends StandardSchema
    ? TypeOf<S> extends { readonly _tag: string }
      ? StandardTravels<S, `errors[${At<Position>}]`>
      : "an error carries a _tag: give the schema one, a literal text"
    : `errors[${At<Position>}] is not a schema${NoErrorSchema}`

type NoErrorSchema =
  ": declare the error with Schema.TaggedError, or by a schema of zod or arktype with a literal _tag"

type NoSchema = ": use one of effect, for example Schema.String, or of zod, valibot or arktype"

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
    : unknown extends Decoding | Encoding
      ? `${What} holds a part that is no schema of effect, or is not known to be one: describe the whole with one library; each argument, the output and each error may have a library of its own`
      : `${What} needs services to be converted: use Schema.toType(…) of it`
  : S

/** What such a schema gives is asked of it again where it arrives, so it must be among what it takes. */
type StandardTravels<S extends StandardSchema, What extends string> = [TypeOf<S>] extends [
  NonNullable<S["~standard"]["types"]>["input"]
]
  ? unknown extends TypeOf<S>
    ? `${What} cannot travel: it allows any value, also those that JSON would lose: say what is inside`
    : [TypeOf<S>] extends [Plain]
      ? S
      : [Lost<TypeOf<S>>] extends [never]
        ? S
        : `${What} cannot travel: it holds a ${Lost<TypeOf<S>> & string}, which JSON does not know: ${Instead<Lost<TypeOf<S>>>}`
  : `${What} cannot travel: it transforms what it takes into something else, so it cannot be asked again where that arrives: describe what travels, and transform it in the handler`

/** No schema carries what a function does, nor the one symbol that it is. */
type Instead<Kind> = Kind extends "function" | "symbol"
  ? "describe it as data, which the handler acts on"
  : "use a text or a number for it, or a schema of effect there"

/** What is JSON at a glance. */
type Plain =
  | string
  | number
  | boolean
  | null
  | undefined
  | void
  | ReadonlyArray<Plain>
  | { readonly [key: string]: Plain }

/** What of a type JSON would not keep, by name. Deeper than five levels it is left to run time. */
type Lost<A, Depth extends ReadonlyArray<0> = []> = A extends Plain
  ? never
  : A extends bigint
    ? "bigint"
    : A extends symbol
      ? "symbol"
      : A extends Date
        ? "Date"
        : A extends (...input: never) => unknown
          ? "function"
          : A extends ReadonlyMap<unknown, unknown>
            ? "Map"
            : A extends ReadonlySet<unknown>
              ? "Set"
              : Depth["length"] extends 5
                ? never
                : A extends ReadonlyArray<infer Item>
                  ? Lost<Item, [...Depth, 0]>
                  : { [K in keyof A]-?: Lost<A[K], [...Depth, 0]> }[keyof A]

/** What a contract's errors decode to. */
export type ErrorsOf<Errors extends List> = TypeOf<Errors[number]>
