/** Jobs with times in them: what must not begin before when, told from the ledger and from what a run's id says of its start. */
import { chain, chord, sleep, type Workflow } from "arpeggio"
import type { Random } from "../../src/testing/memory/random.ts"
import type { Execution } from "./ledger.ts"
import { body, flaky, member, tail } from "./tasks.ts"
import { between, type Job } from "./workload.ts"

/** One run of a job, when all is over. */
export interface Played {
  /** When it was started, epoch milliseconds, broker clock. */
  readonly started: number
  readonly executions: ReadonlyArray<Execution>
  /** Whether its caller was told that it had expired. */
  readonly expired: boolean
  /** Whether it was told that a worker which was lost may have begun it. */
  readonly mayHaveBegun: boolean
}

export interface TimedJob extends Job {
  /** What of its times did not hold. */
  readonly wrong: (played: Played) => string | undefined
}

/** Clocks of one machine, and whole milliseconds: what begins so much too early is not early. */
export const slack = 5

/** A call that was handed out in time, and lost there, begins elsewhere when its lease is over: so much later at most. */
const grain = 6_000

const sum = (values: ReadonlyArray<number>): number => values.reduce((a, b) => a + b, 0)

const first = (
  { executions }: Played,
  task: string,
  matches: (one: Execution) => boolean = () => true
): number =>
  Math.min(
    ...executions.filter((one) => one.task === task && matches(one)).map(({ began }) => began)
  )

const firstEnd = ({ executions }: Played, matches: (one: Execution) => boolean): number =>
  Math.min(...executions.filter(matches).map(({ ended = Infinity }) => ended))

/** A sentence when something began before a moment. */
const early = (what: string, began: number, due: number): string | undefined =>
  began < due - slack ? `${what} began ${due - began} ms too early` : undefined

const millis = (time: number): `${number} millis` => `${time} millis`

const delayed = (value: number, delay: number): TimedJob => ({
  what: "delayed",
  tasks: 1,
  expected: value + 1,
  workflow: member(value).with({ delay: millis(delay) }),
  wrong: (played) => early("a delayed call", first(played, "storm.member"), played.started + delay)
})

/** By a moment, as the one who starts it reads the clock. */
const dated = (value: number, delay: number): TimedJob => {
  const eta = new Date(Date.now() + delay)
  return {
    what: "dated",
    tasks: 1,
    expected: value + 1,
    workflow: member(value).with({ eta }),
    wrong: (played) => early("a dated call", first(played, "storm.member"), eta.getTime())
  }
}

const asleep = (value: number, one: number, other: number): TimedJob => ({
  what: "asleep",
  tasks: 3,
  expected: value + 2 + one,
  workflow: chain(member(value), sleep(millis(one)), tail(one), sleep(millis(other)), member()),
  wrong: (played) => {
    const members = ({ task, input }: Execution): boolean =>
      task === "storm.member" && input === value
    const woken = first(played, "storm.tail")
    return (
      early("what followed a sleep", woken, firstEnd(played, members) + one) ??
      early(
        "what followed the second sleep",
        first(played, "storm.member", ({ input }) => input === value + 1 + one),
        firstEnd(played, ({ task }) => task === "storm.tail") + other
      )
    )
  }
})

/** Some members are late, one sleeps, and the callback waits for its own delay. */
const chordLate = (values: ReadonlyArray<number>, delays: ReadonlyArray<number>): TimedJob => {
  const longest = Math.max(...delays)
  const members: Array<Workflow<void, number>> = values.map((value, at) => {
    const delay = delays[at]!
    return at % 2 === 0
      ? member(value).with({ delay: millis(delay) })
      : chain(member(value), sleep(millis(delay)), tail(0))
  })
  return {
    what: "late chord",
    tasks: values.length + 1,
    expected: sum(values) + values.length,
    workflow: chord(members, body().with({ delay: millis(longest) })),
    wrong: (played) =>
      early("the callback of a chord", first(played, "storm.body"), played.started + 2 * longest)
  }
}

/** Begins in time or never. */
const perishable = (value: number, delay: number, expires: number): TimedJob => ({
  what: "perishable",
  tasks: 1,
  expected: value + 1,
  mayFail: /^RunExpired/,
  workflow: member(value).with({ delay: millis(delay), expires: millis(expires) }),
  wrong: (played) => {
    const began = first(played, "storm.member")
    if (played.expired) {
      return began < Infinity && !played.mayHaveBegun
        ? "a step that was executed is told as one that nobody has begun"
        : undefined
    }
    const late = began - played.started - expires
    return late > grain
      ? `a step began ${late} ms after it had expired`
      : early("a perishable call", began, played.started + delay)
  }
})

/** On a queue that nobody serves. */
const unserved = (value: number, expires: number): TimedJob => ({
  what: "unserved",
  tasks: 0,
  expected: Number.NaN,
  mayFail: /^RunExpired/,
  workflow: member(value).with({ queue: "nowhere", expires: millis(expires) }),
  wrong: ({ executions }) => (executions.length > 0 ? "it was executed" : undefined)
})

const retried = (value: number, wait: number): TimedJob => ({
  what: "retried",
  tasks: 3,
  expected: value + 1,
  workflow: flaky(value, 2).with({
    retry: { times: 3, backoff: "constant", initial: millis(wait), jitter: 0 }
  }),
  wrong: (played) => {
    const attempt = (number: number) => (one: Execution) =>
      one.task === "storm.flaky" && one.attempt === number
    return [2, 3]
      .map((number) =>
        early(
          `attempt ${number}`,
          first(played, "storm.flaky", attempt(number)),
          firstEnd(played, attempt(number - 1)) + wait
        )
      )
      .find((words) => words !== undefined)
  }
})

/** One of the seven, up to so many milliseconds late. */
export const timedJob = (random: Random, longest: number): TimedJob => {
  const value = between(random, 0, 100_000)
  const time = (): number => between(random, 1, longest)
  const kind = random()
  if (kind < 0.25) return delayed(value, time())
  if (kind < 0.35) return dated(value, time())
  if (kind < 0.55) return asleep(value, time(), time())
  if (kind < 0.7) {
    const values = Array.from({ length: between(random, 2, 8) }, () => between(random, 0, 100_000))
    return chordLate(
      values,
      values.map(() => time())
    )
  }
  if (kind < 0.85) {
    const delay = random() < 0.5 ? 1 : time()
    return perishable(value, delay, delay + between(random, 20, 2_000))
  }
  if (kind < 0.9) return unserved(value, time())
  return retried(value, between(random, 1, 2_000))
}
