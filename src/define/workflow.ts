/** A workflow is a value: a frozen plan, the tasks it names, and three types that the compiler follows. */
import type { PlanNode } from "./plan.ts"
import { CompositionError } from "./failure.ts"
import type { TaskDefinition } from "./definition.ts"
import type { CallOptions } from "./options.ts"

/** What a workflow holds. `types` is there for the compiler alone. */
export interface WorkflowData<in In, out Out, out Err> {
  readonly plan: PlanNode
  readonly tasks: TaskTable
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
  with(options: CallOptions & WithBelongsOnCalls): Workflow<In, Out, Err>
}

/** One task with its arguments: all of them, or all but the first, which then comes from the step before. */
export interface Call<Name extends string, in In, out Out, out Err = never> extends Workflow<
  In,
  Out,
  Err
> {
  readonly taskName: Name
  /** The same call with another queue, timeout, retry or headers. */
  with(options: CallOptions): Call<Name, In, Out, Err>
}

export type WithBelongsOnCalls =
  "with({ queue, timeout, retry, headers }) belongs on one call: write add(4, 2).with(…) inside the workflow"

const withBelongsOnCalls: WithBelongsOnCalls =
  "with({ queue, timeout, retry, headers }) belongs on one call: write add(4, 2).with(…) inside the workflow"

export type AnyWorkflow = Workflow<never, unknown, unknown>

/** What a workflow needs when it is run. */
export type InputOf<W> = W extends Workflow<infer In, unknown, unknown> ? In : never
export type OutputOf<W> = W extends Workflow<never, infer Out, unknown> ? Out : never
export type ErrorOf<W> = W extends Workflow<never, unknown, infer Err> ? Err : never

export const isWorkflow = (value: unknown): value is AnyWorkflow =>
  typeof value === "object" &&
  value !== null &&
  "~arpeggio" in value &&
  typeof value["~arpeggio"] === "object" &&
  value["~arpeggio"] !== null &&
  "plan" in value["~arpeggio"]

const prototype: object = {
  with(): never {
    throw new CompositionError({ message: withBelongsOnCalls })
  },
  toString(this: AnyWorkflow): string {
    return `[workflow ${this["~arpeggio"].plan.kind}]`
  }
}

/** A workflow around a plan whose nodes are frozen already. */
export const workflowOf = <In, Out, Err>(
  plan: PlanNode,
  tasks: TaskTable
): Workflow<In, Out, Err> =>
  Object.freeze(
    Object.assign(Object.create(prototype) as object, {
      "~arpeggio": Object.freeze({ plan, tasks })
    })
  ) as Workflow<In, Out, Err>
