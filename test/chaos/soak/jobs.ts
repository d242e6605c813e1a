/** What the soak submits: mostly quick runs of every kind, each with what it has to end with. */
import { chain, chord, onSuccess, type Outcome, type Workflow } from "arpeggio"
import type { Random } from "../../../src/testing/memory/random.ts"
import { body, called, flaky, member, slow, tail } from "../tasks.ts"
import { between } from "../workload.ts"

export type Kind =
  | "single"
  | "chain"
  | "chord"
  | "wide"
  | "failing"
  | "retried"
  | "keyed"
  | "hooked"
  | "cancelled"
  | "in time"
  | "too late"
  | "detached"

export interface SoakJob {
  readonly kind: Kind
  readonly workflow: Workflow<void, number>
  /** How it may end. */
  readonly tags: ReadonlyArray<Outcome<number>["_tag"]>
  /** What it gives when it succeeds. */
  readonly expected: number
  /** Milliseconds from its start until somebody cancels it. */
  readonly cancelAfter?: number
  /** Started a second time at the same moment, or once it has ended. */
  readonly again?: "at once" | "later"
}

/** In a hundred. */
const shares: ReadonlyArray<readonly [Kind, number]> = [
  ["single", 30],
  ["chain", 19],
  ["chord", 14],
  ["wide", 1],
  ["failing", 3],
  ["retried", 8],
  ["keyed", 8],
  ["hooked", 6],
  ["cancelled", 4],
  ["in time", 3],
  ["too late", 2],
  ["detached", 2]
]

const kindOf = (random: Random): Kind => {
  let left = random() * shares.reduce((sum, [, share]) => sum + share, 0)
  for (const [kind, share] of shares) {
    left -= share
    if (left < 0) return kind
  }
  return "single"
}

/** `member` takes as many milliseconds as remain of its value by 97: few, now and then many. */
const quick = (random: Random): number =>
  97 * between(random, 0, 1_000) + (random() < 0.05 ? between(random, 20, 80) : 1)

/** Adds nothing to that time. */
const more = (random: Random): number => 97 * between(random, 0, 10)

const chordOf = (random: Random, members: number): SoakJob => {
  const values = Array.from({ length: members }, () => quick(random))
  const extra = more(random)
  return {
    kind: "chord",
    workflow: chain(
      chord(
        values.map((value) => member(value)),
        body()
      ),
      tail(extra)
    ),
    tags: ["Succeeded"],
    expected: values.reduce((sum, value) => sum + value, members) + extra
  }
}

const singleOf = (random: Random): SoakJob => {
  const value = quick(random)
  return { kind: "single", workflow: member(value), tags: ["Succeeded"], expected: value + 1 }
}

const chainOf = (random: Random): SoakJob => {
  const value = quick(random)
  const extra = more(random)
  return {
    kind: "chain",
    workflow: chain(member(value), member(), tail(extra), member()),
    tags: ["Succeeded"],
    expected: value + 3 + extra
  }
}

const retry = { times: 3, backoff: "constant", initial: "200 millis" } as const

/** A job of any kind. `number` names it among all. */
export const soakJob = (random: Random, number: number): SoakJob => {
  const kind = kindOf(random)
  switch (kind) {
    case "single":
      return singleOf(random)
    case "chain":
      return chainOf(random)
    case "chord":
      return chordOf(random, between(random, 2, 8))
    // Its plan is too large to travel with its messages.
    case "wide":
      return { ...chordOf(random, between(random, 25, 40)), kind }
    case "failing": {
      const values = [quick(random), quick(random), quick(random)]
      const header = values.map((value, at) => (at === 1 ? flaky(value, 100) : member(value)))
      return { kind, workflow: chord(header, body()), tags: ["Crashed"], expected: Number.NaN }
    }
    case "retried": {
      const value = quick(random)
      const failures = between(random, 1, 2)
      const alone = random() < 0.5
      return {
        kind,
        workflow: alone
          ? flaky(value, failures).with({ retry })
          : chain(member(value), flaky(failures).with({ retry }), tail(0)),
        tags: ["Succeeded"],
        expected: value + (alone ? 1 : 2)
      }
    }
    case "keyed": {
      const job = random() < 0.5 ? singleOf(random) : chainOf(random)
      const chance = random()
      const again = chance < 0.2 ? "at once" : chance < 0.4 ? "later" : undefined
      return {
        ...job,
        kind,
        workflow: job.workflow.with({ key: `soak-${number}` }),
        ...(again === undefined ? {} : { again })
      }
    }
    case "hooked": {
      const { workflow, ...job } = random() < 0.5 ? singleOf(random) : chainOf(random)
      return { ...job, kind, workflow: onSuccess(workflow, called()) }
    }
    case "cancelled": {
      const milliseconds = between(random, 100, 400)
      const job: SoakJob =
        random() < 0.5
          ? {
              kind,
              workflow: chain(slow(milliseconds), tail(1)),
              tags: [],
              expected: milliseconds + 1
            }
          : chordOf(random, 6)
      const cancelAfter = between(random, 0, 300)
      return { ...job, kind, tags: ["Succeeded", "Cancelled"], cancelAfter }
    }
    case "in time": {
      const job = random() < 0.5 ? singleOf(random) : chainOf(random)
      return { ...job, kind, workflow: job.workflow.with({ deadline: "3 minutes" }) }
    }
    case "too late": {
      const workflow = random() < 0.5 ? slow(30_000) : chain(slow(30_000), tail(1))
      return {
        kind,
        workflow: workflow.with({ deadline: "1 second" }),
        tags: ["TimedOut"],
        expected: Number.NaN
      }
    }
    case "detached":
      return { ...(random() < 0.5 ? singleOf(random) : chordOf(random, 3)), kind }
  }
}

/** What is wrong with how a job ended. */
export const wrongWith = (job: SoakJob, outcome: Outcome<number>): string | undefined => {
  if (!job.tags.includes(outcome._tag)) {
    return `a ${job.kind} ended as ${JSON.stringify(outcome).slice(0, 300)}`
  }
  return outcome._tag === "Succeeded" && outcome.value !== job.expected
    ? `a ${job.kind} gave ${outcome.value}, not ${job.expected}`
    : undefined
}
