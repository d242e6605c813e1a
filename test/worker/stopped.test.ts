/** Why a handler is told to stop is the reason of its signal; whoever listens is called as the step. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterEach, describe, expect, test } from "vitest"
import { group, step, StepStopped, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { both } from "./both.ts"

const { Finite } = Schema
const told: Array<string> = []
let began = 0
afterEach(() => {
  told.length = 0
  began = 0
})

/** Ends when it is told to stop, and notes what it was told, and as which step. */
const hold = task("stop.hold", { input: [], output: Finite }, () => {
  const { signal, id } = step()
  began += 1
  return new Promise<number>((_, reject) => {
    signal.addEventListener("abort", () => {
      const { reason } = signal as { readonly reason: StepStopped }
      expect(reason).toBeInstanceOf(StepStopped)
      expect(reason).toBeInstanceOf(Error)
      expect(reason.message).toContain("stop.hold")
      expect(step().id).toBe(id)
      told.push(reason.reason)
      reject(reason)
    })
  })
})
const fails = task("stop.fails", { input: [], output: Finite }, async () => {
  await expect.poll(() => began).toBe(1)
  throw new Error("no")
})
const tasks = [hold, fails] as const

describe.each(both)("on $broker", ({ open }) => {
  test("timed out, by itself and with the run", async () => {
    const { app } = await open(tasks)
    await app.run(hold().with({ timeout: "20 millis" })).catch(() => {})
    expect(told.splice(0)).toEqual(["timedOut"])
    await app.run(group(hold()).with({ deadline: "100 millis" })).catch(() => {})
    await expect.poll(() => told).toEqual(["timedOut"])
  })

  test("cancelled", async () => {
    const { app } = await open(tasks)
    const run = await app.start(group(hold(), hold()))
    await expect.poll(() => began).toBe(2)
    expect(await run.cancel()).toBe("Cancelled")
    await expect.poll(() => told).toEqual(["cancelled", "cancelled"])
  })

  test("the group has failed, at the top and inside", async () => {
    const { app } = await open(tasks)
    await app.run(group(hold(), fails())).catch(() => {})
    await expect.poll(() => told.splice(0)).toEqual(["scopeClosed"])
    began = 0
    await app.run(group(group(hold()), fails())).catch(() => {})
    await expect.poll(() => told).toEqual(["scopeClosed"])
  })

  test("the worker stops", async () => {
    const { app, worker } = await open(tasks, { grace: "1 millis" })
    await app.start(hold())
    await expect.poll(() => began).toBe(1)
    await worker.drain()
    expect(told).toEqual(["draining"])
  })
})

test("a step whose timeout ends the run closes the rest as a failure, not as a deadline", async () => {
  const { app } = await both[0]!.open(tasks)
  await app.run(group(hold(), hold().with({ timeout: "30 millis" }))).catch(() => {})
  await expect.poll(() => told.toSorted()).toEqual(["scopeClosed", "timedOut"])
})

test("the lease was lost", async () => {
  const server = memoryServer({ lease: 1_000 })
  const app = await clientOver(server.connect())
  const first = await workerOver(server.connect(), tasks, { grace: "1 millis" })
  await app.start(hold())
  await expect.poll(() => began).toBe(1)
  const second = await workerOver(server.connect(), tasks, { grace: "1 millis" })
  server.clock.advance(1_500)
  await expect.poll(() => told).toEqual(["leaseLost"])
  await Promise.all([first.drain(), second.drain(), app.close()])
})

const never = (): Promise<number> => new Promise(() => {})
const note = (): void => {
  told.push(step().task)
}

/** Every way in which somebody can hear of it. */
const ways: { readonly [way: string]: () => unknown } = {
  addEventListener: () => {
    step().signal.addEventListener("abort", note, { once: true })
    return never()
  },
  "an object that listens": () => {
    step().signal.addEventListener("abort", { handleEvent: note })
    return never()
  },
  onabort: () => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- that is what is tried
    step().signal.onabort = note
    return never()
  },
  "AbortSignal.any": () => {
    const any = AbortSignal.any([step().signal, new AbortController().signal])
    any.addEventListener("abort", note)
    return never()
  },
  "an asynchronous listener": () => {
    step().signal.addEventListener("abort", () => void Promise.resolve().then(note))
    return never()
  },
  "a listener that waits for a timer": () => {
    step().signal.addEventListener("abort", () => void setTimeout(note, 1))
    return never()
  },
  "a promise that is rejected": () =>
    new Promise<number>((_, reject) => {
      step().signal.addEventListener("abort", () => reject(new Error("stopped")))
    }).catch(() => {
      note()
      return 1
    }),
  "an effect that is interrupted": () =>
    Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(note))),
  "a promise inside an effect": () =>
    Effect.tryPromise((signal) => {
      signal.addEventListener("abort", note)
      return never()
    }),
  "a finalizer that waits": () =>
    Effect.never.pipe(
      Effect.onInterrupt(() => Effect.sleep(1).pipe(Effect.andThen(Effect.sync(note))))
    )
}

for (const [way, listens] of Object.entries(ways)) {
  const contract = { input: [], output: Finite } as const
  const listening = task("stop.listening", contract, () => {
    began += 1
    return (listens as () => Promise<number>)()
  })

  test(`step() works in ${way}, at a timeout and at a cancel`, async () => {
    const { app } = await both[0]!.open([listening])
    await app.run(listening().with({ timeout: "20 millis" })).catch(() => {})
    await expect.poll(() => told).toEqual(["stop.listening"])
    const run = await app.start(listening())
    await expect.poll(() => began).toBe(2)
    await run.cancel()
    await expect.poll(() => told).toEqual(["stop.listening", "stop.listening"])
  })
}

test("a signal that is asked for when it has fired has its reason", async () => {
  let ask: () => void = () => {}
  const asked = new Promise<void>((resolve) => (ask = resolve))
  const late = task("stop.late", { input: [], output: Finite, timeout: "20 millis" }, async () => {
    await asked
    told.push((step().signal.reason as StepStopped).reason, String(step().signal.aborted))
    return 1
  })
  const { app } = await both[0]!.open([late])
  await app.run(late()).catch(() => {})
  ask()
  await expect.poll(() => told).toEqual(["timedOut", "true"])
})
