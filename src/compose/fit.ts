/** Whether workflows fit together, at type level only: where they do not, the type is the sentence that says so. */
import type { Sleep, SleepAlone } from "./members.ts"
import type { WithInput } from "./with-input.ts"
import type { AnyWorkflow, InputOf, IsChoice, Takes } from "../define/workflow.ts"

/** How a sentence calls a workflow; of a choice, all of it. */
export type NameOf<W> =
  true extends IsChoice<W> ? Listed<Names<W, "another">, " or "> : Names<W, "this workflow">

type Names<W, Unnamed extends string> = W extends { readonly taskName: infer Name extends string }
  ? Name
  : Unnamed

/** Names in a row: `a, b or c`. What the compiler gives as the last of a union comes last. */
type Listed<Name extends string, Last extends string> =
  LastOf<Name> extends infer One extends string
    ? [Exclude<Name, One>] extends [never]
      ? One
      : `${Listed<Exclude<Name, One>, ", ">}${Last}${One}`
    : never

type LastOf<Name extends string> = (
  Name extends unknown ? (take: (name: Name) => void) => void : never
) extends (take: infer All) => void
  ? All extends (name: infer One) => void
    ? One
    : never
  : never

/** What is said of something that is no workflow, or not in every case. */
export type NotAWorkflow<W> = W extends AnyWorkflow
  ? never
  : W extends (...input: never) => unknown
    ? W extends { readonly taskName: infer Name extends string }
      ? `${Name} is a task, not a call: write ${Name}(…) with its arguments, or with all but the first`
      : "this is a function, not a workflow: call a task, for example add(4, 2)"
    : W extends WithInput<unknown>
      ? "withInput(…) stands in recover, ifFailed or always, and is no workflow"
      : W extends Sleep
        ? SleepAlone
        : W extends PromiseLike<unknown>
          ? "this is a promise, not a workflow: await it first"
          : "this is not a workflow: call a task, for example add(4, 2)"

/** The workflow itself, otherwise the sentence: it is none, or a choice that no input suits. */
export type Whole<W> = [W] extends [AnyWorkflow] ? Chosen<W> : NotAWorkflow<W>

/** A choice between workflows as it is, or the sentence that no input suits all of them; anything else as it is. */
export type Chosen<W> = [Suits<W>] extends ["none"] ? DifferentInputs<W> : W

/**
 * Whether there is an input that suits all of a choice. Written so that a type parameter, of which nothing is known yet,
 * counts as `some`, and helpers over any workflow compile: before the compiler defers a condition on one, it asks what
 * came of a type that fits everything.
 */
export type Suits<W> = [true] extends [IsChoice<W>]
  ? ["some"] extends [Some<InputOf<W>>]
    ? "some"
    : "none"
  : "some"

type Some<In> = In extends unknown ? "some" : never

/** Whether an input is left open, or none is needed. A type parameter counts as `open`, as above. */
export type Needs<In> = [In] extends [{} | null] ? "open" : [In] extends [void] ? "nothing" : "open"

/** What is said of a choice that leaves open what would have to arrive. */
export type DifferentInputs<W> =
  `this is a choice between workflows that need different inputs${Between<Names<W, "another">>}: choose between workflows that need the same, or give each all its arguments`

type Between<Name extends string> = [Name] extends ["another"] ? "" : `, ${Listed<Name, " and ">}`

/** Whether this is a choice, and what suits one does not suit another. */
export type Differ<W> =
  true extends IsChoice<W> ? ([Taken<W>] extends [InputOf<W>] ? false : true) : false

type Taken<W> = W extends AnyWorkflow ? InputOf<W> : never

/** The workflow itself when it accepts what arrives, otherwise the sentence. `From` is where that comes from. */
export type Accepts<W, Arriving, From extends string> = [W] extends [AnyWorkflow]
  ? [Arriving] extends [InputOf<W>]
    ? W
    : [Arriving] extends [Untouched<InputOf<W>>]
      ? W
      : Refuses<W, `${From}${Misses<Arriving, InputOf<W>>}`, From>
  : NotAWorkflow<W>

/** What a step may be given as well: what arrives is its own copy, so it does not matter whether it may be changed. */
export type Untouched<In> = In extends object ? { readonly [K in keyof In]: Untouched<In[K]> } : In

type Refuses<W, Misfit extends string, From extends string> =
  Differ<W> extends true
    ? DifferentInputs<W>
    : [InputOf<W>] extends [void]
      ? HasAllArguments<W, From>
      : `${NameOf<W>} does not accept ${Misfit}`

/** Which fields of an object are not there, or else do not fit, as a sentence goes on; nothing where it is not about fields. */
type Misses<Arriving, In> = unknown extends Arriving
  ? ""
  : [Arriving, In] extends [object, object]
    ? [In] extends [{ readonly [Symbol.iterator]: unknown }]
      ? ""
      : [Arriving] extends [ReadonlyArray<unknown>]
        ? ": that is a list, and an object is taken"
        : WithoutFields<Exclude<Needed<In>, keyof Arriving>, Wrong<Arriving, In>>
    : ""

/** The fields that cannot be left out; methods, as those of a date, are none. */
type Needed<In> = {
  [K in keyof In]-?: {} extends Pick<In, K>
    ? never
    : In[K] extends (...input: never) => unknown
      ? never
      : K
}[keyof In]

type Wrong<Arriving, In> = {
  [K in keyof In & keyof Arriving]-?: [Arriving[K]] extends [In[K]] | [Untouched<In[K]>] ? never : K
}[keyof In & keyof Arriving]

type WithoutFields<Missing, Misfit> = [Missing] extends [never]
  ? [Misfit] extends [never]
    ? ""
    : `: it differs in ${Listed<Misfit & string, " and ">}`
  : `: it has no ${Listed<Missing & string, " or ">}`

/** The callback or fallback when it takes what arrives or needs nothing, otherwise the sentence. Of a choice, each may do either. */
export type AcceptsOrNeedsNothing<W, Arriving, From extends string> = [W] extends [AnyWorkflow]
  ? [void] extends [InputOf<W>]
    ? W
    : [Arriving] extends [InputOf<W>] | [Untouched<InputOf<W>>]
      ? W
      : [Unfit<W, Arriving>] extends [never]
        ? W
        : Differ<W> extends true
          ? DifferentInputs<W>
          : `${NameOf<W>} does not accept ${From}`
  : NotAWorkflow<W>

type Unfit<W, Arriving> = W extends AnyWorkflow
  ? [void] extends [InputOf<W>]
    ? never
    : [Arriving] extends [InputOf<W>]
      ? never
      : W
  : never

/** What is said of a full call where something would arrive. */
export type HasAllArguments<
  W,
  From extends string
> = `${NameOf<W>} already has all its arguments, so ${From} would be dropped: write ${true extends IsChoice<W> ? "ignoreInput(…) around it" : `ignoreInput(${NameOf<W>}(…))`}`

/** One input that suits all. */
export type SharedInput<Members> = [Takes<Members>] extends [never]
  ? unknown
  : Takes<Members> extends (input: infer In) => void
    ? In
    : never
