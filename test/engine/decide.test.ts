/** What becomes of a call, as a table: when its handler has ended, and when its outcome is stored. */
import { expect, test } from "vitest"
import type { RetryPolicy } from "../../src/define/retry.ts"
import {
  decide,
  isFenced,
  whatFollows,
  type Ended,
  type Execution,
  type Hints
} from "../../src/engine/call/decide.ts"
import { isPlainCall } from "../../src/engine/call/inline-next.ts"
import type { Job } from "../../src/engine/call/job.ts"
import type { Verdict } from "../../src/engine/verdict.ts"

const policy: RetryPolicy = {
  times: 2,
  backoff: "exponential",
  initial: 100,
  max: 1_000,
  jitter: 0.5,
  on: ["Busy", "Crashed", "TimedOut"]
}

const jobWith = (more: {
  readonly attempt?: number
  readonly task?: RetryPolicy
  readonly call?: RetryPolicy
}): Pick<Job, "message" | "task"> =>
  ({
    message: {
      attempt: more.attempt ?? 1,
      ...(more.call === undefined ? {} : { policy: { retry: more.call } })
    },
    task: { retry: more.task }
  }) as Pick<Job, "message" | "task">

const value = { as: "value", text: "1" } as const
const failed = { as: "failed", text: '{"_tag":"Busy"}' } as const
const crashed = { as: "crashed", text: '{"name":"Error","message":"no"}' } as const
const listed = { ...crashed, listed: true } as const
const misfit = { ...crashed, misfit: true } as const
const timedOut = { as: "timedOut", text: '{"after":5}' } as const
const foreign = { as: "foreign", why: "input[0] is missing" } as const
const stopped = (reason: "closing" | "draining" | "lost") => ({ as: "stopped", reason }) as const

const retried = { task: policy }
const commit = (ended: Ended) => ({ do: "commit", ended })
const again = (failure: Execution, wait: number) => ({ do: "retry", failure, wait })

const table: ReadonlyArray<
  readonly [
    what: string,
    job: Parameters<typeof jobWith>[0],
    execution: Execution,
    hints: Hints,
    decision: object
  ]
> = [
  ["a value is its outcome", retried, value, { never: false }, commit(value)],
  [
    "a returned workflow takes its place",
    retried,
    { as: "plan", text: "{}" },
    { never: false },
    { do: "expand", plan: "{}" }
  ],
  [
    "another version's call is handed over",
    retried,
    foreign,
    { never: false },
    { do: "hand over", foreign }
  ],
  [
    "of a closed scope it is stopped",
    retried,
    stopped("closing"),
    { never: false },
    commit(stopped("closing"))
  ],
  [
    "a worker that stops gives it back",
    retried,
    stopped("draining"),
    { never: false },
    { do: "give back" }
  ],
  [
    "one that another worker has is let go",
    retried,
    stopped("lost"),
    { never: false },
    { do: "let go" }
  ],
  ["without a policy a failure is its outcome", {}, failed, { never: false }, commit(failed)],
  ["with one another attempt follows", retried, failed, { never: false }, again(failed, 75)],
  [
    "each after a longer wait",
    { ...retried, attempt: 2 },
    failed,
    { never: false },
    again(failed, 150)
  ],
  ["until there are no more", { ...retried, attempt: 3 }, failed, { never: false }, commit(failed)],
  ["a crash is tried again", retried, crashed, { never: false }, again(crashed, 75)],
  ["a timeout, too", retried, timedOut, { never: false }, again(timedOut, 75)],
  [
    "a call's own policy counts first",
    { call: policy },
    failed,
    { never: false },
    again(failed, 75)
  ],
  ["the handler may forbid it", retried, failed, { never: true }, commit(failed)],
  ["the handler may say when", retried, failed, { never: false, wait: 7 }, again(failed, 7)],
  [
    "arguments that do not fit never will, and are kept as a dead letter",
    retried,
    misfit,
    { never: false },
    { ...commit(misfit), letter: "no" }
  ],
  [
    "a class that its contract lists is tried again",
    { task: { ...policy, on: [], classes: [TypeError] } },
    listed,
    { never: false },
    again(listed, 75)
  ],
  [
    "unless the call has a policy of its own",
    { task: { ...policy, classes: [TypeError] }, call: { ...policy, on: [] } },
    listed,
    { never: false },
    commit(listed)
  ],
  [
    "a policy for other tags does not apply",
    { task: { ...policy, on: ["Other"] } },
    failed,
    { never: false },
    commit(failed)
  ]
]

for (const [what, job, execution, hints, decision] of table) {
  test(what, () => {
    expect(decide(jobWith(job), execution, hints, () => 0.5)).toEqual(decision)
  })
}

test.each([
  ["a stored outcome is carried on", value, true, false, undefined, "advance"],
  [
    "for a second time, where somebody may have done it",
    value,
    true,
    true,
    undefined,
    "advance again"
  ],
  ["or where another outcome counts", value, false, false, undefined, "advance again"],
  ["the next step follows at once, where it may", value, true, false, "next", "next"],
  ["but never behind another's outcome", value, false, false, "next", "advance again"],
  ["who closed the scope does what follows", stopped("closing"), true, false, undefined, "nothing"],
  ["unless another outcome counts", stopped("closing"), false, false, undefined, "advance again"]
] as const)("%s", (_what, ended, ours, before, next, follows) => {
  expect(whatFollows(ended, ours, before, next)).toBe(follows)
})

test.each([
  ["its own outcome is not fenced", value, true, "a", 1, false],
  ["nor is it where the answer was lost", value, false, "a", 1, false],
  ["another worker's is", value, false, "b", 1, true],
  ["another execution's of this worker is", value, false, "a", 2, true],
  ["one that was told to stop has nothing to lose", stopped("closing"), false, "b", 1, false]
] as const)("%s", (_what, ended, ours, worker, began, fenced) => {
  const verdict = { worker, began } as Verdict
  expect(isFenced(ended, { worker: "a", began: 1 } as Verdict, { verdict, ours })).toBe(fenced)
})

test("a worker goes on only with a call of which it knows every word", () => {
  const call = {
    kind: "call",
    task: "math.add",
    fingerprint: "f",
    args: [1],
    partial: true,
    open: 1,
    queue: "default",
    timeout: 5,
    retry: policy,
    headers: {}
  } as const
  expect(isPlainCall(call)).toBe(true)
  expect(isPlainCall({ ...call, delay: 1_000 } as typeof call)).toBe(false)
})
