/** Failed attempts are followed by others as the policy says; waits live in the broker. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { chain, ContractError, group, Step, step, task, TaskCrashed, TaskTimedOut } from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"
import { retryPolicyOf, waitAfter, type RetryPolicy } from "../../src/define/retry.ts"

const { Finite } = Schema
class Busy extends Schema.TaggedError<Busy>()("Busy", { tries: Finite }) {}
class Gone extends Schema.TaggedError<Gone>()("Gone", {}) {}

const soon = { initial: "1 millis", jitter: 0 } as const

/** Fails that many attempts, then returns `x`. */
const flaky = task(
  "retry.flaky",
  { input: [Finite, Finite], output: Finite, retry: { times: 5, ...soon } },
  (times, x) => {
    if (step().attempt <= times) throw new Error(`attempt ${step().attempt}`)
    return x
  }
)
const busy = task(
  "retry.busy",
  {
    input: [Finite],
    output: Finite,
    errors: [Busy, Gone],
    retry: { times: 2, ...soon, on: ["Busy"] }
  },
  (tries): number => {
    throw step().attempt > tries ? new Gone() : new Busy({ tries: step().attempt })
  }
)
const tasks = [flaky, busy] as const

describe("a policy", () => {
  test("a crash is retried until an attempt succeeds, in the middle of a chain", async () => {
    await using app = await testApp(tasks)
    expect(await app.run(chain(flaky(3, 2), flaky(7)))).toBe(7)
  })

  test("exhausted, the step fails with its last error", async () => {
    await using app = await testApp(tasks)
    const error = await app.run(busy(9)).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(Busy)
    expect((error as Busy).tries).toBe(3)
  })

  test("what the policy does not name is not retried", async () => {
    await using app = await testApp(tasks)
    const error = await app.run(busy(1)).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(Gone)
    const run = await app.start(busy(0))
    expect(await run.outcome()).toMatchObject({ _tag: "Failed", failure: { attempt: 1 } })
  })

  test("a call says otherwise than its contract", async () => {
    await using app = await testApp(tasks)
    const error = await app
      .run(flaky(1, 7).with({ retry: { times: 0 } }))
      .catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TaskCrashed)
    expect((error as TaskCrashed).attempt).toBe(1)
  })

  test("a member that is retried keeps its place", async () => {
    await using app = await testApp(tasks)
    expect(await app.run(group(flaky(2, 1), flaky(0, 2), flaky(4, 3)))).toEqual([1, 2, 3])
  })

  test("a timeout is retried", async () => {
    const slow = task(
      "retry.slow",
      { input: [Finite], output: Finite, timeout: "20 millis", retry: { times: 1, ...soon } },
      (x) => (step().attempt === 1 ? new Promise<number>(() => {}) : x)
    )
    await using app = await testApp([slow])
    expect(await app.run(slow(4))).toBe(4)
    const never = app.run(slow(4).with({ retry: { times: 0 } }))
    await expect(never).rejects.toThrow(TaskTimedOut)
  })

  test("the wait is kept by the broker, and its passing is the broker's", async () => {
    const server = memoryServer()
    const app = await clientOver(server.connect())
    const first = await workerOver(server.connect(), tasks)
    const run = await app.start(flaky(1, 5).with({ retry: { times: 1, initial: "1 hour" } }))
    await expect.poll(() => run.status()).toBe("retrying")
    await first.drain()
    const second = await workerOver(server.connect(), tasks)
    server.clock.advance(3_600_000)
    expect(await run.result()).toBe(5)
    await second.drain()
    await app.close()
  })
})

describe("a handler", () => {
  test("says that a failure is final", async () => {
    const final = task(
      "retry.final",
      { input: [Finite], output: Finite, retry: { times: 5, ...soon } },
      (): number => {
        step().doNotRetry()
        throw new Error("no use")
      }
    )
    await using app = await testApp([final])
    const error = await app.run(final(1)).catch((cause: unknown) => cause)
    expect((error as TaskCrashed).attempt).toBe(1)
  })

  test("says how long to wait, from an effect as well", async () => {
    const polite = task(
      "retry.polite",
      {
        input: [Finite],
        output: Finite,
        errors: [Busy],
        retry: { times: 1, initial: "1 hour", on: ["Busy"] }
      },
      (x) =>
        Effect.gen(function* () {
          const { attempt, retryAfter } = yield* Step
          retryAfter("1 millis")
          return attempt === 1 ? yield* new Busy({ tries: 1 }) : x
        })
    )
    await using app = await testApp([polite])
    expect(await app.run(polite(3))).toBe(3)
  })
})

describe("waits", () => {
  const policy = (options: object): RetryPolicy =>
    retryPolicyOf({
      times: 9,
      initial: "1 second",
      max: "5 seconds",
      jitter: 0,
      ...options
    }) as RetryPolicy
  const waits = (options: object) =>
    [1, 2, 3, 4].map((attempt) => waitAfter(policy(options), attempt, 0))

  test("grow as the backoff says, up to the longest", () => {
    expect(waits({ backoff: "constant" })).toEqual([1_000, 1_000, 1_000, 1_000])
    expect(waits({ backoff: "linear" })).toEqual([1_000, 2_000, 3_000, 4_000])
    expect(waits({})).toEqual([1_000, 2_000, 4_000, 5_000])
    expect(waitAfter(policy({}), 5_000, 0)).toBe(5_000)
  })

  test("jitter only shortens, by its share at most", () => {
    expect(waitAfter(policy({ jitter: 0.5 }), 1, 1)).toBe(500)
    expect(waitAfter(policy({ jitter: 0.5 }), 1, 0)).toBe(1_000)
  })

  test("a policy that cannot be is refused where it is written", () => {
    const declare = (retry: object) => () =>
      task("retry.wrong", {
        input: [Finite],
        output: Finite,
        errors: [Busy],
        retry: retry as never
      })
    expect(declare({ times: -1 })).toThrow(ContractError)
    expect(declare({ times: -1 })).toThrow("retry.times is a whole number from 0 to 10000, not -1")
    expect(declare({ times: 1, on: ["Bsy"] })).toThrow(
      "retry.on names Bsy, which is not among its errors"
    )
    expect(() => flaky(1, 1).with({ retry: { times: 1, on: ["Busy" as string] } })).toThrow(
      "retry.on names Busy, which is not among its errors"
    )
  })
})
