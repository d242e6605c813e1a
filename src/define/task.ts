/** A task is a function that does not run: calling it with arguments gives a workflow of one step. */
import { callableOf } from "./call.ts"
import type { Contract, Decoded, ErrorsOf, TypeOf } from "./contract.ts"
import type { Handler, TaskDefinition } from "./definition.ts"
import { definitionOf } from "./declare.ts"
import { ContractError } from "./errors.ts"
import type { Keeps, Named, ServicesOf } from "./handler.ts"
import type { TaskName } from "./name.ts"
import type { Arriving, OneOpen, OpenOr } from "./open.ts"
import type { Call } from "./workflow.ts"

/** Declared, and callable: with all arguments, or with all but the first, which the step before then gives. */
export interface Task<
  Name extends string,
  Parameters extends ReadonlyArray<unknown>,
  Out,
  Err = never
> {
  /** A call with all its arguments. Throws `InvalidInput` for one that does not fit its schema. */
  (...input: Parameters): Call<Name, void, Out, Err>
  /** A call whose first argument is left open: the step before gives it. Throws `InvalidInput` as above. */
  (...input: Tail<Parameters>): Call<Name, Parameters[0], Out, Err>
  /** A call with all arguments but one that is not the first: `open` stands in its place. Throws an `InvalidInput` for others. */
  readonly partial: PartialCall<Name, Parameters, OpenOr<Parameters>, Out, Err>
  /** Its name. */
  readonly taskName: Name
  readonly "~arpeggio": TaskDefinition
}

/** What `task.partial` is. `Slots` is what may stand in the place of each parameter. */
export interface PartialCall<
  Name extends string,
  Parameters extends ReadonlyArray<unknown>,
  Slots extends ReadonlyArray<unknown>,
  Out,
  Err
> {
  <const Given extends Slots>(
    ...input: OneOpen<Name, Given>
  ): Call<Name, Arriving<Parameters, Given>, Out, Err>
}

/** A task with the handler that does it: what a worker serves. `Services` are what the handler's effects need. */
export interface BoundTask<
  Name extends string,
  Parameters extends ReadonlyArray<unknown>,
  Out,
  Err = never,
  Services = never
> extends Task<Name, Parameters, Out, Err> {
  readonly "~services": Services
}

/** All parameters but the first. */
export type Tail<Parameters extends ReadonlyArray<unknown>> = Parameters extends readonly [
  unknown,
  ...infer Rest
]
  ? Rest
  : []

/** Any task at all, for lists of them. */
export interface AnyTask {
  /** Its name. */
  readonly taskName: string
  readonly "~arpeggio": TaskDefinition
}

/**
 * Declares a task by its contract alone, for those who call it. `implement` gives it a handler.
 *
 * Throws a `ContractError` for a name that cannot be one, and for a schema whose values cannot travel as JSON.
 *
 * @example
 * const double = task("math.double", { input: [Schema.Finite], output: Schema.Finite })
 * const workflow = chain(add(1, 2), double())
 */
export function task<
  const Name extends string,
  const Input extends ReadonlyArray<unknown>,
  Output,
  const Errors extends ReadonlyArray<unknown> = [],
  const On extends ReadonlyArray<unknown> = []
>(
  name: TaskName<Name>,
  contract: Contract<Input, Output, Errors, On>
): Task<Name, Decoded<Input>, TypeOf<Output>, ErrorsOf<Errors>>
/**
 * Declares a task with the handler that does it: a function of the arguments that gives the output, a promise of it, an
 * Effect, or a workflow that takes the task's place.
 *
 * Throws a `ContractError` for a name that cannot be one, and for a schema whose values cannot travel as JSON.
 *
 * @example
 * const double = task(
 *   "math.double",
 *   { input: [Schema.Finite], output: Schema.Finite },
 *   (number) => number * 2
 * )
 * await using app = await testApp([double])
 * const answer = await app.run(double(21)) // 42
 */
export function task<
  const Name extends string,
  const Input extends ReadonlyArray<unknown>,
  Output,
  H extends (...input: Decoded<Input>) => unknown,
  const Errors extends ReadonlyArray<unknown> = [],
  const On extends ReadonlyArray<unknown> = []
>(
  name: TaskName<Name>,
  contract: Contract<Input, Output, Errors, On>,
  handler: H & Keeps<H, Name, Decoded<Input>, TypeOf<Output>, ErrorsOf<Errors>>
): BoundTask<Name, Named<H, Decoded<Input>>, TypeOf<Output>, ErrorsOf<Errors>, ServicesOf<H>>
export function task(name: string, contract: object, handler?: Handler): unknown {
  const definition = definitionOf(name, contract)
  return callableOf(handler === undefined ? definition : bound(definition, handler))
}

/**
 * Binds a handler to a task that was declared elsewhere, or that its own handler calls. The task itself stays as it is.
 *
 * Throws a `ContractError` for a handler that is not a function.
 *
 * @example
 * const double = task("math.double", { input: [Schema.Finite], output: Schema.Finite })
 * await using app = await testApp([implement(double, (number) => number * 2)])
 * const answer = await app.run(double(21)) // 42
 */
export function implement<
  Name extends string,
  Parameters extends ReadonlyArray<unknown>,
  Out,
  Err,
  H extends (...input: Parameters) => unknown
>(
  task: Task<Name, Parameters, Out, Err>,
  handler: H & Keeps<H, Name, Parameters, Out, Err>
): BoundTask<Name, Named<H, Parameters>, Out, Err, ServicesOf<H>>
export function implement(task: AnyTask, handler: unknown): unknown {
  return callableOf(bound(task["~arpeggio"], handler as Handler))
}

const bound = (definition: TaskDefinition, handler: Handler): TaskDefinition => {
  if (typeof handler !== "function") {
    throw new ContractError({
      task: definition.name,
      message: `${definition.name}: its handler is not a function`
    })
  }
  // Descriptors rather than a spread, which would work out the fingerprint at once.
  return Object.freeze(
    Object.defineProperties({} as TaskDefinition, {
      ...Object.getOwnPropertyDescriptors(definition),
      handler: { value: handler, enumerable: true }
    })
  )
}
