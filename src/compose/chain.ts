/** Steps one after another. */
import {
  type AnyWorkflow,
  type ErrorOf,
  type InputOf,
  isWorkflow,
  type OutputOf,
  type Workflow
} from "../define/workflow.ts"
import {
  isSleep,
  type Sleep,
  sleepNode,
  refuse,
  tasksOf,
  partAt,
  composed,
  planOf
} from "./members.ts"
import type { Accepts, NameOf, Whole } from "./fit.ts"

/** Where each step's input comes from, position by position: nothing is asked of the first. */
type Sources<Steps extends ReadonlyArray<unknown>> = readonly [unknown, ...Steps]

/** The same behind a sleep, which gives on what it was given. */
type BeforeSleep<Steps extends ReadonlyArray<unknown>> = readonly [unknown, unknown, ...Steps]

/** Every step as it is, or the sentence that says why it cannot stand where it does. */
export type Steps<S extends ReadonlyArray<unknown>> = S extends readonly []
  ? readonly [step: "chain() has no steps: give it at least one, for example chain(add(4, 2))"]
  : S extends readonly [Sleep]
    ? readonly [step: NothingButSleep]
    : number extends S["length"]
      ? Checked<S, BeforeRest<S>>
      : Checked<S, never>

/** `Repeating` is what arrives at the steps of a spread list; the compiler maps those as one, without the steps before. */
type Checked<S extends ReadonlyArray<unknown>, Repeating> = {
  readonly [K in keyof S]: [S[K]] extends [Sleep]
    ? K extends keyof Sources<S>
      ? SleepBehind<S[K], Sources<S>[K]>
      : S[K]
    : K extends "0"
      ? Whole<S[K]>
      : number extends K
        ? Accepts<S[K], Repeating, "what the step before returns">
        : K extends keyof BeforeSleep<S> & keyof Sources<S>
          ? Behind<S[K], Sources<S>[K], BeforeSleep<S>[K]>
          : S[K]
}

type SleepBehind<W, Before> = [Before] extends [Sleep] ? TwoSleeps : W

/** A step behind another, or behind a sleep, and then behind what is before that. */
type Behind<W, Before, BeforeThat> = [Before] extends [Sleep]
  ? [BeforeThat] extends [AnyWorkflow]
    ? Accepts<W, OutputOf<BeforeThat>, `what ${NameOf<BeforeThat>} returns`>
    : Whole<W>
  : Accepts<W, OutputOf<Before>, `what ${NameOf<Before>} returns`>

type NothingButSleep =
  "chain() has nothing but a sleep: put what it holds up beside it, for example chain(sleep(…), add(4, 2))"

const nothingButSleep: NothingButSleep =
  "chain() has nothing but a sleep: put what it holds up beside it, for example chain(sleep(…), add(4, 2))"

type TwoSleeps = "a sleep follows a sleep: write one with the time of both"

const twoSleeps: TwoSleeps = "a sleep follows a sleep: write one with the time of both"

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
  : S extends readonly [...infer Rest, infer Last]
    ? [Last] extends [Sleep]
      ? Result<Rest>
      : OutputOf<Last>
    : never

/** What the first step takes, behind a sleep as without. */
type Input<S extends ReadonlyArray<unknown>> = [S[0]] extends [Sleep]
  ? InputOf<S[1]>
  : InputOf<S[0]>

/**
 * Runs steps one after another; each receives what the one before returned. A step begins when the success of the one
 * before is stored; the first failure is the chain's. A step that does not take what arrives is a compile error on that
 * step. A `sleep` between two steps holds up what follows.
 *
 * Throws a `CompositionError` where there is no step, or one is neither a workflow nor a sleep.
 *
 * @example
 * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
 */
export function chain<const S extends ReadonlyArray<unknown>>(
  ...steps: Steps<S>
): Workflow<Input<S>, Result<S>, ErrorOf<S[number]>>
export function chain(...steps: ReadonlyArray<unknown>): unknown {
  if (steps.length === 0) {
    return refuse("chain() has no steps: give it at least one, for example chain(add(4, 2))")
  }
  const parts = steps.map((step, at) =>
    isSleep(step) ? step : partAt(step, `chain's step ${at + 1}`)
  )
  if (parts.every(isSleep)) return refuse(nothingButSleep)
  if (parts.some((part, at) => isSleep(part) && isSleep(parts[at - 1]))) return refuse(twoSleeps)
  return chainOf(parts)
}

/** The chain of workflows that have been checked. */
export const chainOf = (steps: ReadonlyArray<AnyWorkflow | Sleep>): AnyWorkflow =>
  composed(
    {
      kind: "chain",
      steps: Object.freeze(steps.map((step) => (isSleep(step) ? step[sleepNode] : planOf(step))))
    },
    tasksOf(steps.filter(isWorkflow))
  )
