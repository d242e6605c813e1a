/** Which handlers a contract allows, at type level: what is wrong with one is a sentence where the handler stands. */
import type * as Effect from "effect/Effect"
import type { Step } from "./context.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "./workflow.ts"

/**
 * `unknown` when the handler keeps to its contract, otherwise the sentence that says how it does not.
 * One that returns `unknown` is left to run time: the compiler tries that type first, before it knows the handler's.
 */
export type Keeps<
  Handler,
  Name extends string,
  Parameters extends ReadonlyArray<unknown>,
  Out,
  Err
> = Handler extends (...input: infer Taken) => infer Returned
  ? unknown extends Returned
    ? unknown
    : [(...input: Taken) => Returned] extends [Handler]
      ? [Problem<Returned, Name, Out, Err>] extends [never]
        ? unknown
        : Problem<Returned, Name, Out, Err>
      : KeepsOverloaded<Handler, Name, Parameters, Out, Err>
  : unknown

/** Of an overloaded function the compiler sees the last form only, unless it is asked for one. */
type KeepsOverloaded<
  Handler,
  Name extends string,
  Parameters extends ReadonlyArray<unknown>,
  Out,
  Err
> = [Handler] extends [(...input: Parameters) => Given<Out | Workflow<void, Out, Err>, Err>]
  ? unknown
  : `none of this handler's overloads gives the output of ${Name} for its input: write a function around it, for example (input) => handler(input)`

type Problem<Returned, Name extends string, Out, Err> =
  Returned extends Effect.Effect<infer A, infer E, infer _Services>
    ?
        | ([E] extends [Err]
            ? never
            : `${Name} fails with an error that its contract does not declare: add it to errors`)
        | ProblemOfValue<A, Name, Out, Err>
    : Returned extends PromiseLike<infer A>
      ? ProblemOfValue<A, Name, Out, Err>
      : ProblemOfValue<Returned, Name, Out, Err>

type Given<Value, Err> = Value | PromiseLike<Value> | Effect.Effect<Value, Err, Step>

/** What `any` holds, say from `JSON.parse`, is left to run time too. */
type ProblemOfValue<A, Name extends string, Out, Err> =
  IsAny<A> extends true
    ? never
    : A extends AnyWorkflow
      ? ProblemOfWorkflow<A, Name, Out, Err>
      : [A] extends [Out]
        ? never
        : [Out] extends [void]
          ? never
          : `${Name} returns something else than its contract's output`

type IsAny<A> = 0 extends 1 & A ? true : false

type ProblemOfWorkflow<W extends AnyWorkflow, Name extends string, Out, Err> = [void] extends [
  InputOf<W>
]
  ? [OutputOf<W>] extends [Out]
    ? [ErrorOf<W>] extends [Err]
      ? never
      : `${Name} returns a workflow that can fail with an error its contract does not declare: add it to errors`
    : `${Name} returns a workflow whose output is not its contract's output`
  : `${Name} returns a workflow that still needs an input: give it all its arguments`

/** The contract's parameter types under the names that the handler gave them. */
export type Named<Handler, Parameters extends ReadonlyArray<unknown>> = Handler extends (
  ...input: infer Own
) => unknown
  ? Own["length"] extends Parameters["length"]
    ? { [K in keyof Own]: K extends keyof Parameters ? Parameters[K] : never }
    : Parameters
  : Parameters

/** The services that a handler's effect needs; whoever serves it provides them, and the worker provides `Step`. */
export type ServicesOf<Handler> = Handler extends (...input: never) => infer Returned
  ? IsAny<Returned> extends true
    ? never
    : Returned extends Effect.Effect<infer _A, infer _E, infer Services>
      ? Exclude<Services, Step>
      : never
  : never
