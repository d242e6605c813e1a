/** Which workflows can be run as they are, at type level. */
import type { AnyWorkflow, InputOf } from "../define/workflow.ts"
import type { Differ, DifferentInputs, NameOf, NotAWorkflow } from "./fit.ts"

/**
 * The workflow when it can be run without input, otherwise the sentence. For a first overload with one parameter; the
 * second takes `input: InputOf<W>`, so that the number of arguments chooses and the error stands on the workflow.
 */
export type Runnable<W> = [W] extends [AnyWorkflow]
  ? [void] extends [InputOf<W>]
    ? W
    : Differ<W> extends true
      ? DifferentInputs<W>
      : `${NameOf<W>} still needs an input: give it all its arguments, or write run(workflow, input)`
  : NotAWorkflow<W>

/** All workflows of a list, where each can be run as it is; otherwise the sentence stands at the one that cannot. */
export type EachRunnable<List> = { readonly [K in keyof List]: Runnable<List[K]> }

/** What may stand in the place of an input, where none is left open. */
export type Instead<W, Options> = [void] extends [InputOf<W>]
  ? [InputOf<W>] extends [void]
    ? Options
    : never
  : never
