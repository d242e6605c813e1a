/** What the storms submit: singles, chains and chords with known results, chosen by a seeded generator. */
import { chain, chord, type Workflow } from "arpeggio"
import { setTimeout as sleep } from "node:timers/promises"
import type { Random } from "../../src/testing/memory/random.ts"
import type { Client, Stage } from "./stage.ts"
import { body, member, slow, tail } from "./tasks.ts"

export interface Job {
  /** What kind of work it is. */
  readonly what: string
  readonly tasks: number
  readonly expected: number
  readonly workflow: Workflow<void, number>
  /** What the error may say in which it may end instead. */
  readonly mayFail?: RegExp
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((a, b) => a + b, 0)

export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1))

export const single = (value: number): Job => ({
  what: "single",
  tasks: 1,
  expected: value + 1,
  workflow: member(value)
})

export const chainOf = (value: number, more: number): Job => ({
  what: "chain",
  tasks: 4,
  expected: value + 3 + more,
  workflow: chain(member(value), member(), tail(more), member())
})

export const chordOf = (values: ReadonlyArray<number>, more: number): Job => ({
  what: "chord",
  tasks: values.length + 2,
  expected: sum(values) + values.length + more,
  workflow: chain(
    chord(
      values.map((value) => member(value)),
      body()
    ),
    tail(more)
  )
})

/** One of the three, with input of its own. */
export const randomJob = (random: Random): Job => {
  const value = between(random, 0, 100_000)
  const kind = random()
  if (kind < 0.4) return single(value)
  if (kind < 0.7) return chainOf(value, between(random, 0, 1_000))
  const values = Array.from({ length: between(random, 2, 12) }, () => between(random, 0, 100_000))
  return chordOf(values, between(random, 0, 1_000))
}

/** Keeps a number of random runs under way until it is told to stop; resolves when the last has its result. */
export const keepSubmitting = async (
  stage: Stage,
  client: Pick<Client, "app">,
  lanes: number,
  stopped: () => boolean
): Promise<void> => {
  const lane = async (_: unknown, at: number): Promise<void> => {
    const random = stage.random(`lane ${at}`)
    while (!stopped()) {
      await stage.submitted.submit(client.app, randomJob(random))
      await sleep(between(random, 0, 600))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Takes as many milliseconds as it is told, unless it is interrupted. */
export const slowJob = (milliseconds: number): Job => ({
  what: "slow",
  tasks: 1,
  expected: milliseconds,
  workflow: slow(milliseconds)
})
