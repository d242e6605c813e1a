/** Fallbacks for declared errors. */
import type { Crashed, TimedOut } from "../define/outcome.ts"
import { shorten } from "../define/describe-value.ts"
import { meant } from "../define/known.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { Fits, Inside } from "./both.ts"
import type { NameOf, Whole } from "./fit.ts"
import { refuse, tasksOf, partAt, composed, planOf } from "./members.ts"
import { fallbackOf, isWithInput, type WithInput } from "./with-input.ts"

type Tagged<Tag> = { readonly _tag: Tag }
type TagOf<Err> = Err extends Tagged<infer Tag extends string> ? Tag : never

/** Every fallback as it is, or the sentence that says why it cannot be one. */
export type Fallbacks<W, F> = {
  readonly [Tag in keyof F]: Tag extends keyof Endings
    ? [Tag] extends [TagOf<ErrorOf<W>>]
      ? `${NameOf<W>} declares an error called ${Tag}, which cannot be told from how something ends that nobody declared: give the error another _tag`
      : Fits<W, F[Tag], Endings[Tag], "error", `the error ${Tag}`>
    : [Tag] extends [TagOf<ErrorOf<W>>]
      ? Fits<W, F[Tag], Extract<ErrorOf<W>, Tagged<Tag>>, "error", `the error ${Tag & string}`>
      : Tag extends "Cancelled"
        ? CancelledHasNoFallback
        : `${NameOf<W>} does not fail with ${Tag & string}`
}

type CancelledHasNoFallback =
  "what is cancelled has ended with its group or its run, and has no fallback: put recover around the group, for the error that ended it"

const cancelledHasNoFallback: CancelledHasNoFallback =
  "what is cancelled has ended with its group or its run, and has no fallback: put recover around the group, for the error that ended it"

/** How something can end that nobody declared, and a fallback can be for. */
type Endings = {
  readonly Crashed: Crashed
  readonly TimedOut: TimedOut
}

const endings: { readonly [Tag in keyof Endings]: true } = { Crashed: true, TimedOut: true }

/**
 * Gives errors a fallback each, by tag. A fallback that leaves its first argument open receives the error, and one
 * `withInput` the error together with what the workflow was given. What is recovered is gone from the workflow's errors.
 * `Crashed` and `TimedOut` stand for what nobody declared: their fallbacks receive that outcome. A cancel, a deadline and a
 * crash `CannotContinue` end the run as a whole, and go past it.
 *
 * Throws a `CompositionError` where there is no fallback, the tag of one is a misspelt other, or a part is not a workflow.
 *
 * @example
 * const answer = await app.run(recover(divide(7, 0), { DivisionByZero: add(0, 0) })) // 0
 */
export function recover<W, const F extends object>(
  workflow: Whole<W>,
  fallbacks: Fallbacks<W, F>
): Workflow<
  InputOf<W>,
  OutputOf<W> | OutputOf<Inside<F[keyof F]>>,
  Exclude<ErrorOf<W>, Tagged<keyof F>> | ErrorOf<Inside<F[keyof F]>>
>
export function recover(workflow: unknown, fallbacks: object): unknown {
  const main = partAt(workflow, "recover's workflow")
  const inputs: Array<string> = []
  const entries = Object.entries(fallbacks).map(([tag, fallback]: [string, unknown]) => {
    if (isWithInput(fallback)) inputs.push(tag)
    const itself = isWithInput(fallback) ? fallback[fallbackOf] : fallback
    return [tag, partAt(itself, `recover's fallback for ${tag}`)] as const
  })
  const undeclared = entries.map(([tag]) => tag).filter((tag) => Object.hasOwn(endings, tag))
  refuseTags(
    main,
    entries.map(([tag]) => tag)
  )
  const plans = entries.map(([tag, fallback]) => [tag, planOf(fallback)] as const)
  return composed(
    {
      kind: "recover",
      of: planOf(main),
      fallbacks: Object.freeze(Object.fromEntries(plans)),
      ...(inputs.length === 0 ? {} : { inputs: Object.freeze(inputs.toSorted()) }),
      ...(undeclared.length === 0 ? {} : { undeclared: Object.freeze(undeclared.toSorted()) })
    },
    tasksOf([main, ...entries.map(([, fallback]) => fallback)])
  )
}

/** Says of tags, as the compiler does, that nothing could end so. */
const refuseTags = (main: AnyWorkflow, tags: ReadonlyArray<string>): void => {
  if (tags.length === 0) refuse("recover has no fallback: name the errors it takes by their tag")
  const declared = new Set<string>()
  for (const { name, errorCodec } of main["~arpeggio"].tasks.values()) {
    for (const tag of errorCodec.tags) declared.add(tag)
    const clash = tags.find((tag) => Object.hasOwn(endings, tag) && errorCodec.tags.has(tag))
    if (clash !== undefined) {
      refuse(
        `recover's fallback for ${clash}: ${name} declares an error called so, which cannot be told from how something ends that nobody declared: give the error another _tag`
      )
    }
  }
  if (tags.includes("Cancelled") && !declared.has("Cancelled")) {
    refuse(`recover: ${cancelledHasNoFallback}`)
  }
  // What nothing declares may stand here: types can name more errors than a workflow has, as those of a choice do.
  const open = [...declared, ...Object.keys(endings)].filter((tag) => !tags.includes(tag))
  for (const tag of tags) {
    if (declared.has(tag) || Object.hasOwn(endings, tag)) continue
    const right = meant(tag, open)
    if (right !== undefined) {
      refuse(
        `recover's fallback for ${shorten(tag)}: ${String(main)} does not fail with that. Perhaps ${right} is meant, which has no fallback here`
      )
    }
  }
}

/**
 * A fallback of `recover` that is given `{ error, input }`: the error, and what the workflow was given that failed with it;
 * or a cleanup of `ifFailed` that is given `{ failure, input }`, or of `always` with `{ outcome, input }`. The input is stored
 * when that workflow begins.
 *
 * Throws a `CompositionError` for what is not a workflow.
 *
 * @example
 * const Refused = Schema.Struct({ error: DivisionByZero, input: Schema.Finite })
 * const instead = task("math.instead", { input: [Refused], output: Schema.Finite })
 * const safe = recover(divide(0), { DivisionByZero: withInput(instead()) })
 */
export function withInput<W>(fallback: Whole<W>): WithInput<W>
export function withInput(fallback: unknown): unknown {
  return Object.freeze({ [fallbackOf]: partAt(fallback, "withInput's fallback") })
}
