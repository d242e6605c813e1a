/** Under a manual clock, timeouts and `within` pass when the test says so, in order with everything else. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { StillRunning, step, task, TaskTimedOut } from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"

const { Finite } = Schema
const told: Array<string> = []
let executions = 0
const hold = task(
  "manual.hold",
  { input: [Finite], output: Finite, timeout: "5 minutes" },
  (x) =>
    new Promise<number>((_, reject) => {
      executions += 1
      const { signal, attempt } = step()
      signal.addEventListener("abort", () => {
        told.push(`${x}, attempt ${attempt}`)
        reject(signal.reason as Error)
      })
    })
)
const effect = task(
  "manual.effect",
  { input: [Finite], output: Finite, timeout: "1 minute" },
  () => Effect.never
)

const place = async () => {
  told.length = 0
  executions = 0
  const app = await testApp([hold, effect], { clock: "manual" })
  const pass = async (milliseconds: number): Promise<void> => {
    await app.server.settled()
    app.server.clock.advance(milliseconds)
    await app.server.settled()
  }
  return { app, pass }
}

test("a timeout passes with the clock, to the millisecond", async () => {
  const { app, pass } = await place()
  const run = await app.start(hold(1))
  await pass(299_999)
  expect(await run.status()).toBe("pending")
  expect(told).toEqual([])
  await pass(1)
  const error = await run.result().catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TaskTimedOut)
  expect(error).toMatchObject({ after: 300_000, attempt: 1 })
  expect(told).toEqual(["1, attempt 1"])
  await app.close()
})

test("however the clock is moved there, the handler runs once", async () => {
  for (const steps of [[300_000], [29_000, 271_000], Array.from({ length: 10 }, () => 30_000)]) {
    const { app, pass } = await place()
    const run = await app.start(hold(1))
    for (const milliseconds of steps) await pass(milliseconds)
    expect(await run.status(), String(steps)).toBe("TimedOut")
    expect(executions, String(steps)).toBe(1)
    await app.close()
  }
})

test("timeouts, waits of retries and deadlines come in the order of their times", async () => {
  const { app, pass } = await place()
  const retry = { times: 1, initial: "10 minutes", jitter: 0 } as const
  const retried = await app.start(hold(1).with({ retry }))
  const quick = await app.start(hold(2).with({ timeout: "1 minute" }))
  const ended = await app.start(hold(3).with({ deadline: "2 minutes" }))
  await pass(120_000)
  expect(told).toEqual(["2, attempt 1", "3, attempt 1"])
  expect(await quick.status()).toBe("TimedOut")
  expect(await ended.outcome()).toEqual({ _tag: "TimedOut", after: 120_000 })
  await pass(180_000)
  expect(await retried.status()).toBe("retrying")
  await pass(600_000)
  expect(await retried.status()).toBe("pending")
  await pass(300_000)
  expect(await retried.outcome()).toMatchObject({ _tag: "TimedOut", failure: { attempt: 2 } })
  expect(told).toEqual(["2, attempt 1", "3, attempt 1", "1, attempt 1", "1, attempt 2"])
  await app.close()
})

test("one move of the clock fires what is due in order, each at its own time", async () => {
  const server = memoryServer({ clock: "manual" })
  const seen: Array<number> = []
  const began = server.clock.now()
  const at = task("manual.at", { input: [Finite], output: Finite }, () => {
    step().signal.addEventListener("abort", () => seen.push(server.clock.now() - began))
    return new Promise<number>(() => {})
  })
  const worker = await workerOver(server.connect(), [at])
  const app = await clientOver(server.connect())
  for (const minutes of [3, 1, 2]) {
    await app.start(at(minutes).with({ timeout: `${minutes} minutes` }))
  }
  await server.settled()
  server.clock.advance(600_000)
  expect(seen).toEqual([60_000, 120_000, 180_000])
  await Promise.all([worker.drain(), app.close()])
})

test("an effect is interrupted", async () => {
  const { app, pass } = await place()
  const run = await app.start(effect(1))
  await pass(59_999)
  expect(await run.status()).toBe("pending")
  await pass(1)
  expect(await run.status()).toBe("TimedOut")
  await app.close()
})

test("`within` passes with the clock, and the run goes on", async () => {
  const { app, pass } = await place()
  let told = ""
  const waiting = app.run(hold(1), undefined, { within: "2 minutes" }).catch((error: unknown) => {
    told = String(error)
    return error as StillRunning
  })
  await pass(119_999)
  expect(told).toBe("")
  await pass(1)
  expect(await waiting).toBeInstanceOf(StillRunning)
  expect(told).toContain("did not end within 2 minutes")
  const { run } = (await waiting) as StillRunning
  expect(await app.attach(run, hold(1)).status()).toBe("pending")
  await pass(180_000)
  expect(await app.attach(run, hold(1)).status()).toBe("TimedOut")
  await app.close()
})

test("what has ended in time is not timed out later", async () => {
  const server = memoryServer({ clock: "manual" })
  const quick = task(
    "manual.quick",
    { input: [Finite], output: Finite, timeout: "1 minute" },
    (x) => Promise.resolve(x)
  )
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), [quick])
  expect(await app.run(quick(1), undefined, { within: "1 minute" })).toBe(1)
  server.clock.advance(3_600_000)
  await server.settled()
  expect(await app.run(quick(2))).toBe(2)
  await Promise.all([app.close(), worker.drain()])
})

test("a worker that was killed times nothing out any more", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect())
  const doomed = server.connect()
  told.length = 0
  await workerOver(doomed, [hold])
  const run = await app.start(hold(1).with({ timeout: "1 minute" }))
  await server.settled()
  server.crash(doomed)
  server.clock.advance(3_600_000)
  await server.settled()
  expect(told).toEqual([])
  expect(await run.status()).toBe("pending")
  await app.close()
})

test("a real clock that is moved on times out, too", async () => {
  const app = await testApp([hold])
  const run = await app.start(hold(7))
  await expect.poll(() => executions).toBeGreaterThan(0)
  await app.server.settled()
  app.server.clock.advance(300_000)
  await expect(run.result()).rejects.toThrow(TaskTimedOut)
  await app.close()
})
