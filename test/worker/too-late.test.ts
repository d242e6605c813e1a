/** What ends too late has timed out, also where the handler blocked its worker, so that nobody could interrupt it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { settle, step, task, TaskTimedOut, type AnyTask } from "arpeggio"
import { memoryServer, clientOver, workerOver } from "arpeggio/testing"
import { both } from "./both.ts"

const { Finite } = Schema
class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}

const block = (milliseconds = 120): void => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

const contract = { input: [], output: Finite, errors: [Refused], timeout: "50 millis" } as const
const other = task("late.other", { input: [], output: Finite }, () => 5)

const late: { readonly [what: string]: () => unknown } = {
  "a value": () => {
    block()
    return 1
  },
  "a value, after a wait": async () => {
    await Promise.resolve()
    block()
    return 1
  },
  "a value, after a wait of the event loop": async () => {
    await new Promise(setImmediate)
    block()
    return 1
  },
  "an effect": () => Effect.sync(() => block()).pipe(Effect.as(1)),
  "an effect that has waited": () =>
    Effect.sleep(1).pipe(Effect.andThen(Effect.sync(() => block())), Effect.as(1)),
  "an error": () => {
    block()
    throw new Error("late")
  },
  "a declared error": () => {
    block()
    throw new Refused()
  },
  "a rejection": async () => {
    await Promise.resolve()
    block()
    throw new Refused()
  },
  "a failed effect": () =>
    Effect.sync(() => block()).pipe(Effect.andThen(Effect.fail(new Refused()))),
  "a workflow": () => {
    block()
    return other()
  },
  "a value that does not fit": () => {
    block()
    return "one"
  },
  "a thenable": () => ({
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
    then: (resolve: (value: number) => void) => {
      block()
      resolve(1)
    }
  })
}

describe.each(both)("on $broker", ({ open }) => {
  test("whatever it gives or throws", async () => {
    const tasks = Object.values(late).map((handler, at) =>
      task(`late.t${at}`, contract, handler as () => never)
    )
    const { app, lines } = await open([...tasks, other])
    for (const [at, what] of Object.keys(late).entries()) {
      const error = await app.run(tasks[at]!()).catch((cause: unknown) => cause)
      expect(error, what).toBeInstanceOf(TaskTimedOut)
      const { after, took, message } = error as TaskTimedOut
      expect(after, what).toBe(50)
      expect(took, what).toBeGreaterThanOrEqual(120)
      expect(message, what).toContain(
        "did not return within 50 ms: the event loop of its worker was blocked"
      )
      const run = await app.start(settle(tasks[at]!()))
      const settled = (await run.result()) as unknown as { readonly _tag: string }
      expect(Object.keys(settled).toSorted(), what).toEqual(["_tag", "after", "failure"])
      expect(settled, what).toMatchObject({ _tag: "TimedOut", after: 50 })
    }
    expect(lines.filter((line) => line.includes("timed out after")).length).toBe(2 * tasks.length)
    expect(lines.join("\n")).toMatch(
      /late\.t0#0 {2}timed out after \d+ ms: the event loop was blocked past its timeout of 50 ms, and it ended only after \d+ ms/
    )
  }, 60_000)

  test("a policy sees a timeout, and the next attempt may be quick", async () => {
    const asked: Array<number> = []
    const retry = { times: 3, initial: "1 millis", jitter: 0, on: ["TimedOut"] } as const
    const slow = task("late.slow", { ...contract, retry }, () => {
      asked.push(step().attempt)
      if (step().attempt < 3) block()
      return 7
    })
    const crashes = { ...retry, on: ["Crashed"] } as const
    const { app, lines } = await open([slow])
    expect(await app.run(slow())).toBe(7)
    expect(asked).toEqual([1, 2, 3])
    expect(lines.filter((line) => line.includes("attempt 1 timed out, the next begins"))).toEqual([
      expect.stringContaining("the event loop was blocked past its timeout of 50 ms")
    ])
    const never = app.run(slow().with({ retry: crashes }))
    await expect(never).rejects.toThrow(TaskTimedOut)
  })

  test("what blocks before it first waits has that much less time", async () => {
    const half = task("late.half", { ...contract, timeout: "200 millis" }, async () => {
      block(150)
      await new Promise((resolve) => setTimeout(resolve, 100))
      return 1
    })
    const whole = task("late.whole", contract, () => {
      block(70)
      return new Promise<number>(() => {})
    })
    const { app } = await open([half, whole])
    await expect(app.run(half())).rejects.toThrow(TaskTimedOut)
    const error = await app.run(whole()).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TaskTimedOut)
    expect((error as TaskTimedOut).took).toBeUndefined()
  })

  test("a machine's clock that is set meanwhile makes nothing late, and nothing early", async () => {
    const { now } = Date
    const setBy = (milliseconds: number): void => {
      Date.now = () => now() + milliseconds
    }
    const set = task("late.set", { ...contract, input: [Finite], timeout: "10 seconds" }, (by) => {
      setBy(by)
      return 1
    })
    const setAndBlock = task("late.blocked", { ...contract, input: [Finite] }, async (by) => {
      setBy(by)
      block(60)
      return 1
    })
    const { app } = await open([set, setAndBlock])
    try {
      for (const by of [3_600_000, -3_600_000]) {
        expect(await app.run(set(by))).toBe(1)
        await expect(app.run(setAndBlock(by))).rejects.toThrow(TaskTimedOut)
      }
    } finally {
      Date.now = now
    }
  })
})

describe("to the millisecond, by a clock that the handler itself moves", () => {
  const at = async (passes: number, waits: boolean, given: () => unknown = () => 1) => {
    const server = memoryServer({ clock: "manual" })
    const moving = task("late.moving", { ...contract, timeout: "300 millis" }, (() => {
      if (!waits) server.clock.advance(passes)
      if (!waits) return given()
      return Promise.resolve().then(() => {
        server.clock.advance(passes)
        return given()
      })
    }) as never) as AnyTask
    const worker = await workerOver(server.connect(), [moving, other] as never)
    const app = await clientOver(server.connect())
    const run = await app.start((moving as never as () => never)())
    const outcome = (await run.outcome()) as { readonly _tag: string }
    await app.close()
    await worker.drain()
    return outcome._tag
  }
  for (const waits of [false, true]) {
    const how = waits ? "one that waits" : "one that does not"
    test(`${how} is late when its time is over, and not before`, async () => {
      expect(await at(299, waits)).toBe("Succeeded")
      expect(await at(300, waits)).toBe("TimedOut")
      expect(await at(3_600_000, waits)).toBe("TimedOut")
    })
    test(`${how} gives a workflow`, async () => {
      expect(await at(299, waits, other)).toBe("Succeeded")
      expect(await at(300, waits, other)).toBe("TimedOut")
    })
  }
})
