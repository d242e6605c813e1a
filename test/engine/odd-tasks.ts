/** Tasks that no retry makes right: one that answers differently every time, one that kills its worker. */
import * as Schema from "effect/Schema"
import { chain } from "../../src/compose/chain.ts"
import { step } from "../../src/define/context.ts"
import { implement, task } from "../../src/define/task.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { note } from "../fixtures/ledger.ts"
import { add, Expected, identity } from "../fixtures/tasks.ts"

const { Finite } = Schema
const unary = { input: [Finite], output: Finite } as const

/** How often each step was executed, whoever did. */
const executed = new Map<string, number>()

const nextExecution = (): number => {
  const { run, id } = step()
  const key = `${run}/${id}`
  const times = executed.get(key) ?? 0
  executed.set(key, times + 1)
  return times
}

type Version<A> = (x: number) => A

const oneOf = <A>(versions: ReadonlyArray<Version<A>>, x: number): A => {
  note(x)
  return versions[Math.min(nextExecution(), versions.length - 1)]!(x)
}

/** What a handler returns the first time, the second, and from the third on. */
export const versions = {
  values: [(x: number) => x, (x: number) => x + 100, (x: number) => x + 200],
  plans: [
    (x: number) => chain(identity(x), add(10)),
    (x: number) => add(x, 100),
    (x: number) => chain(identity(x), add(200), identity())
  ],
  endings: [
    (x: number): number => {
      throw new Expected({ reason: "the first time", at: x })
    },
    (x: number) => x,
    (x: number) => x + 200
  ],
  /** What is a value, a workflow or an error changes, too. */
  kinds: [
    (x: number): number | Workflow<void, number> => chain(identity(x), add(10)),
    (x: number) => x + 100,
    (x: number) => chain(add(x, 200))
  ]
} as const

export const wavering = {
  values: task("odd.values", unary, (x) => oneOf(versions.values, x)),
  plans: task("odd.plans", unary, (x) => oneOf<Workflow<void, number>>(versions.plans, x)),
  endings: task("odd.endings", { ...unary, errors: [Expected] }, (x) =>
    oneOf<number>(versions.endings, x)
  ),
  kinds: task("odd.kinds", unary, (x) => oneOf<number | Workflow<void, number>>(versions.kinds, x))
} as const

/** Kills every worker that executes it; which one that is, only a play knows. */
export const poison = task("odd.poison", unary)

/** The task with what it does to its worker. */
export const poisonWith = (die: () => void) =>
  implement(poison, async (x) => {
    note(x)
    die()
    return new Promise<number>(() => {})
  })

/** What the interpreter is told of it. */
export const poisonStandIn = (): never => {
  const lost = new Error("odd.poison was begun several times")
  lost.name = "WorkerLost"
  throw lost
}

/** An outcome without the words that name workers. */
export const withoutWorkers = (outcome: string): string =>
  outcome.replaceAll(/odd\.poison was begun (?:\\.|[^"\\])*/g, "odd.poison was begun several times")
