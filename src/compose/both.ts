/** What something `withInput` is given, at type level: how a workflow has ended, together with what it was given. */
import type { AcceptsOrNeedsNothing, NameOf, Needs, Untouched } from "./fit.ts"
import type { AnyWorkflow, InputOf } from "../define/workflow.ts"
import type { WithInput } from "./with-input.ts"

/**
 * A fallback or a cleanup as it is, or the sentence that says why it cannot be one. `Told` arrives, under `Name` where the
 * input does, too; sentences call it `What`.
 */
export type Fits<W, Given, Told, Name extends string, What extends string> = [Given] extends [
  WithInput<infer Fallback>
]
  ? AcceptsBoth<Given, Fallback, W, Told, Name, What>
  : AcceptsOrNeedsNothing<Given, Told, `${What}${Forgot<Given, W, Told, Name>}`>

/** What is said besides of one that would take the input, too, and stands in no `withInput`. */
type Forgot<Given, W, Told, Name extends string> = [Given] extends [AnyWorkflow]
  ? Needs<InputOf<W>> extends "nothing"
    ? ""
    : [Both<W, Told, Name>] extends [InputOf<Given>] | [Untouched<InputOf<Given>>]
      ? `: write withInput(${NameOf<Given>}(…)), by which it is given { ${Name}, input }`
      : ""
  : ""

/** What something `withInput` is given. */
type Both<W, Told, Name extends string> = { readonly [Key in Name]: Told } & {
  readonly input: InputOf<W>
}

type AcceptsBoth<Given, Fallback, W, Told, Name extends string, What extends string> = [
  unknown
] extends [InputOf<W>]
  ? TakesNone<W, Fallback>
  : Needs<InputOf<W>> extends "nothing"
    ? TakesNone<W, Fallback>
    : [InputOf<Fallback>] extends [void]
      ? `${NameOf<Fallback>} already has all its arguments, so the ${Name} and the input would be dropped: leave withInput out`
      : [Both<W, Told, Name>] extends [InputOf<Fallback>] | [Untouched<InputOf<Fallback>>]
        ? Given
        : `${NameOf<Fallback>} does not accept { ${Name}, input }: ${What}, and what ${NameOf<W>} was given`

type TakesNone<W, Fallback> =
  `${NameOf<W>} takes no input that ${NameOf<Fallback>} could be given: leave withInput out`

/** The workflows that these are. */
export type Inside<F> = F extends WithInput<infer Fallback> ? Fallback : F
