/** Fallbacks for declared errors. */
import type { ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import { workflowOf } from "../define/workflow.ts"
import type { AcceptsOrNeedsNothing, NameOf, Whole } from "./fit.ts"
import { refuse, tasksOf, partAt } from "./members.ts"

type Tagged<Tag> = { readonly _tag: Tag }
type TagOf<Err> = Err extends Tagged<infer Tag extends string> ? Tag : never

/** Every fallback as it is, or the sentence that says why it cannot be one. */
export type Fallbacks<W, F> = {
  readonly [Tag in keyof F]: [Tag] extends [TagOf<ErrorOf<W>>]
    ? AcceptsOrNeedsNothing<F[Tag], Extract<ErrorOf<W>, Tagged<Tag>>, `the error ${Tag & string}`>
    : `${NameOf<W>} does not fail with ${Tag & string}`
}

/**
 * Gives declared errors a fallback each, by tag. A fallback that leaves its first argument open receives the error. What
 * is recovered is gone from the workflow's errors; crashes and timeouts go past it.
 *
 * Throws a `CompositionError` where there is no fallback, or a part is not a workflow.
 *
 * @example
 * const answer = await app.run(recover(divide(7, 0), { DivisionByZero: add(0, 0) })) // 0
 */
export function recover<W, const F extends object>(
  workflow: Whole<W>,
  fallbacks: Fallbacks<W, F>
): Workflow<
  InputOf<W>,
  OutputOf<W> | OutputOf<F[keyof F]>,
  Exclude<ErrorOf<W>, Tagged<keyof F>> | ErrorOf<F[keyof F]>
>
export function recover(workflow: unknown, fallbacks: object): unknown {
  const main = partAt(workflow, "recover's workflow")
  const entries = Object.entries(fallbacks).map(
    ([tag, fallback]) => [tag, partAt(fallback, `recover's fallback for ${tag}`)] as const
  )
  if (entries.length === 0)
    return refuse("recover has no fallback: name the errors it takes by their tag")
  const plans = entries.map(([tag, fallback]) => [tag, fallback["~arpeggio"].plan] as const)
  return workflowOf(
    Object.freeze({
      kind: "recover",
      of: main["~arpeggio"].plan,
      fallbacks: Object.freeze(Object.fromEntries(plans))
    }),
    tasksOf([main, ...entries.map(([, fallback]) => fallback)])
  )
}
