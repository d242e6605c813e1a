/** A workflow is a value: a frozen plan, the tasks it names, and three types that the compiler follows. */
import type { AnyNode } from "./plan.ts"
import { CompositionError } from "./errors.ts"
import { marked, workflowMark } from "./mark.ts"
import type { TaskDefinition } from "./definition.ts"
import type { HowLong, WithUnit } from "./duration.ts"
import { isCallOption, type CallOptions } from "./options.ts"
import type { CallRetriedOn } from "./retry.ts"
import type { DelayBesideEta } from "./times.ts"
import { isStartOption, startSettingsOf, type StartOptions, type StartSettings } from "./start.ts"

/** What a workflow holds. `types` is there for the compiler alone. */
export interface WorkflowData<in In, out Out, out Err> {
  /** What is dispatched, as plain JSON: a `PlanNode`. */
  readonly plan: AnyNode
  readonly tasks: TaskTable
  /** What was said about the run as a whole. */
  readonly start?: StartSettings
  readonly types?: {
    readonly input: (input: In) => void
    readonly output: Out
    readonly error: Err
  }
}

/** The tasks that a workflow names, by name. */
export type TaskTable = ReadonlyMap<string, TaskDefinition>

/** Takes an `In` when it is run, gives an `Out`, or fails with an `Err`. Immutable, and never a promise. */
export interface Workflow<in In, out Out, out Err = never> {
  readonly "~arpeggio": WorkflowData<In, Out, Err>
  /** The same workflow with a key or a deadline for when it is started. Throws a `CompositionError` for options that cannot be. */
  with(options: StartOptions & OnCallsOnly): Workflow<In, Out, Err>
}

/** One task with its arguments: all of them, or all but the first, which then comes from the step before. */
export interface Call<Name extends string, in In, out Out, out Err = never> extends Workflow<
  In,
  Out,
  Err
> {
  /** The name of its task. */
  readonly taskName: Name
  /**
   * The same call with another queue, timeout, retry, headers, delay, eta or expiry; or, when it is started by itself, a key or a deadline.
   * Throws a `ContractError` or a `CompositionError` for options that cannot be.
   */
  with<
    const On extends ReadonlyArray<unknown> = [],
    Delay extends HowLong<WithUnit<"delay">> | undefined = undefined
  >(
    options: CallOptions<CallRetriedOn<On, Err>, EtaBeside<Delay>> & {
      readonly delay?: Delay
    } & StartOptions
  ): Call<Name, In, Out, Err>
}

/** What `eta` may be, where `delay` is given or not; a delay that is misplaced itself says so. */
export type EtaBeside<Delay> = [Delay] extends [WithBelongsOnCalls | undefined]
  ? Date
  : DelayBesideEta

/** The options of one call, where there is no one call: each asks for the sentence that says where it belongs. */
export type OnCallsOnly = { readonly [Name in keyof CallOptions]?: Misplaced<CallOptions[Name]> }

type Misplaced<Option> = [Option & WithBelongsOnCalls] extends [undefined]
  ? Option & { readonly [Sentence in WithBelongsOnCalls]: never }
  : Option & WithBelongsOnCalls

/** What the compiler says of the options of one call where there is no one call. */
export type WithBelongsOnCalls =
  "with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow"

const withBelongsOnCalls: WithBelongsOnCalls =
  "with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow"

/** Any workflow at all, whatever it takes, gives and fails with. */
export type AnyWorkflow = Workflow<never, unknown, unknown>

/** What a workflow needs when it is run; of a choice between workflows, what suits each of them: `never` where nothing does. */
export type InputOf<W> =
  true extends IsChoice<W>
    ? Suiting<Takes<W>>
    : W extends Workflow<infer In, unknown, unknown>
      ? In
      : never

/** Whether this is a union, say of `cond ? a() : b()`. Contains `true` if it is. */
export type IsChoice<W, All = W> = W extends unknown ? ([All] extends [W] ? false : true) : never

/** What takes a workflow's input, for each. Functions are intersected, not inputs: that way boolean and unions stay whole. */
export type Takes<W> = W extends Workflow<infer In, unknown, unknown> ? (input: In) => void : never

/** The compiler keeps `void & number`, though nothing is both. */
type Suiting<Taking> = [Taking] extends [(input: infer In) => void]
  ? [In] extends [void]
    ? [undefined] extends [In]
      ? In
      : never
    : In
  : never

/** What a workflow gives when it succeeds. */
export type OutputOf<W> = W extends Workflow<never, infer Out, unknown> ? Out : never
/** The declared errors with which a workflow can fail: `never` where there are none. */
export type ErrorOf<W> = W extends Workflow<never, unknown, infer Err> ? Err : never

export const isWorkflow = (value: unknown): value is AnyWorkflow =>
  typeof value === "object" && value !== null && workflowMark in value

const prototype: object = {
  ...marked,
  with(this: AnyWorkflow, options: StartOptions): AnyWorkflow {
    const { plan, tasks, start } = this["~arpeggio"]
    const stranger = Object.keys(options).find((name) => !isStartOption(name))
    if (stranger !== undefined) {
      throw new CompositionError({
        message: isCallOption(stranger)
          ? withBelongsOnCalls
          : `with: a workflow has no option ${stranger}: there are key and deadline`
      })
    }
    return workflowOf(plan, tasks, { ...start, ...startOf(options) })
  },
  toString(this: AnyWorkflow): string {
    return `[workflow ${this["~arpeggio"].plan.kind}]`
  }
}

/** The settings that options stand for. Throws a `CompositionError`. */
export const startOf = (options: StartOptions): StartSettings => {
  const settings = startSettingsOf(options)
  if (typeof settings === "string") throw new CompositionError({ message: `with: ${settings}` })
  return settings
}

/** What a workflow holds, frozen. */
export const dataOf = (
  plan: AnyNode,
  tasks: TaskTable,
  start: StartSettings = {}
): WorkflowData<never, unknown, unknown> =>
  Object.freeze({
    plan,
    tasks,
    ...(Object.keys(start).length === 0 ? {} : { start: Object.freeze(start) })
  })

/** A workflow around a plan whose nodes are frozen already. */
export const workflowOf = <In, Out, Err>(
  plan: AnyNode,
  tasks: TaskTable,
  start?: StartSettings,
  named: { readonly taskName?: string } = {}
): Workflow<In, Out, Err> =>
  Object.freeze(
    Object.assign(Object.create(prototype) as object, named, {
      "~arpeggio": dataOf(plan, tasks, start)
    })
  ) as Workflow<In, Out, Err>
