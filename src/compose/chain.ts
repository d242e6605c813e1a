/** Steps one after another. */
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf, Workflow } from "../define/workflow.ts"
import type { Accepts, NameOf, Whole } from "./fit.ts"
import { refuse, tasksOf, partAt, composed, planOf } from "./members.ts"

/** Where each step's input comes from, position by position: nothing is asked of the first. */
type Sources<Steps extends ReadonlyArray<unknown>> = readonly [unknown, ...Steps]

/** Every step as it is, or the sentence that says why it cannot stand where it does. */
export type Steps<S extends ReadonlyArray<unknown>> = S extends readonly []
  ? readonly [step: "chain() has no steps: give it at least one, for example chain(add(4, 2))"]
  : number extends S["length"]
    ? Checked<S, BeforeRest<S>>
    : Checked<S, never>

/** `Repeating` is what arrives at the steps of a spread list; the compiler maps those as one, without the steps before. */
type Checked<S extends ReadonlyArray<unknown>, Repeating> = {
  readonly [K in keyof S]: K extends "0"
    ? Whole<S[K]>
    : number extends K
      ? Accepts<S[K], Repeating, "what the step before returns">
      : K extends keyof Sources<S>
        ? Accepts<S[K], OutputOf<Sources<S>[K]>, `what ${NameOf<Sources<S>[K]>} returns`>
        : S[K]
}

/** What the last step before a spread list gives, or any step of the list. */
type BeforeRest<S extends ReadonlyArray<unknown>, Before = never> = S extends readonly [
  infer Head,
  ...infer Tail
]
  ? BeforeRest<Tail, Head>
  : OutputOf<Before> | OutputOf<S[number]>

/** What the last step gives. */
type Result<S extends ReadonlyArray<unknown>> = number extends S["length"]
  ? BeforeRest<S>
  : S extends readonly [...ReadonlyArray<unknown>, infer Last]
    ? OutputOf<Last>
    : never

/**
 * Runs steps one after another; each receives what the one before returned. A step begins when the success of the one
 * before is stored; the first failure is the chain's. A step that does not take what arrives is a compile error on that
 * step.
 *
 * Throws a `CompositionError` where there is no step, or one is not a workflow.
 *
 * @example
 * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
 */
export function chain<const S extends ReadonlyArray<unknown>>(
  ...steps: Steps<S>
): Workflow<InputOf<S[0]>, Result<S>, ErrorOf<S[number]>>
export function chain(...steps: ReadonlyArray<unknown>): unknown {
  if (steps.length === 0) {
    return refuse("chain() has no steps: give it at least one, for example chain(add(4, 2))")
  }
  return chainOf(steps.map((step, at) => partAt(step, `chain's step ${at + 1}`)))
}

/** The chain of workflows that have been checked. */
export const chainOf = (steps: ReadonlyArray<AnyWorkflow>): AnyWorkflow =>
  composed(
    {
      kind: "chain",
      steps: Object.freeze(steps.map(planOf))
    },
    tasksOf(steps)
  )
