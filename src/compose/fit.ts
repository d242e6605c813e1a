/** Whether workflows fit together, at type level only: where they do not, the type is the sentence that says so. */
import type { AnyWorkflow, InputOf } from "../define/workflow.ts"

/** How a sentence calls a workflow. */
export type NameOf<W> = W extends { readonly taskName: infer Name extends string }
  ? Name
  : "this workflow"

/** What is said of something that is no workflow. */
export type NotAWorkflow<W> = W extends (...input: never) => unknown
  ? W extends { readonly taskName: infer Name extends string }
    ? `${Name} is a task, not a call: write ${Name}(…) with its arguments, or with all but the first`
    : "this is a function, not a workflow: call a task, for example add(4, 2)"
  : "this is not a workflow: call a task, for example add(4, 2)"

/** The workflow itself when it accepts what arrives, otherwise the sentence. `From` is where that comes from. */
export type Accepts<W, Arriving, From extends string> = W extends AnyWorkflow
  ? [Arriving] extends [InputOf<W>]
    ? W
    : [InputOf<W>] extends [void]
      ? HasAllArguments<W, From>
      : `${NameOf<W>} does not accept ${From}`
  : NotAWorkflow<W>

/** What is said of a full call where something would arrive. */
export type HasAllArguments<
  W,
  From extends string
> = `${NameOf<W>} already has all its arguments, so ${From} would be dropped: write ignoreInput(${NameOf<W>}(…))`

/** One input that suits all. Functions are intersected, not the inputs: that way boolean and unions stay whole. */
export type SharedInput<Members> = [Takes<Members>] extends [never]
  ? unknown
  : Takes<Members> extends (input: infer In) => void
    ? In
    : never

type Takes<Member> = Member extends AnyWorkflow ? (input: InputOf<Member>) => void : never
