/** A handler that goes on although it was told to stop keeps its slot until it ends; health and the log say so. */
import { setImmediate } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterEach, describe, expect, test } from "vitest"
import { step, task, TaskTimedOut } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { both } from "./both.ts"

const { Finite } = Schema

/** Handlers under way, and how to end them. */
const ends: Array<() => void> = []
let running = 0
let mostAtOnce = 0
const goOn = async (): Promise<number> => {
  running += 1
  mostAtOnce = Math.max(mostAtOnce, running)
  await new Promise<void>((resolve) => ends.push(resolve))
  running -= 1
  return 1
}
afterEach(() => {
  for (const end of ends.splice(0)) end()
  running = 0
  mostAtOnce = 0
})

const timeout = "20 millis"
const deaf = task("overrun.deaf", { input: [Finite], output: Finite, timeout }, goOn)
const deafEffect = task("overrun.effect", { input: [Finite], output: Finite, timeout }, () =>
  Effect.uninterruptible(Effect.promise(goOn))
)
const patient = task("overrun.patient", { input: [Finite], output: Finite }, goOn)
const hearing = task(
  "overrun.hearing",
  { input: [Finite], output: Finite, timeout },
  () =>
    new Promise<number>((_, reject) => {
      step().signal.addEventListener("abort", () => reject(step().signal.reason as Error))
    })
)
const quick = task("overrun.quick", { input: [Finite], output: Finite }, (x) => x)
const tasks = [deaf, deafEffect, patient, hearing, quick] as const

const busy = (health: { readonly lanes: ReadonlyArray<{ readonly queue: string }> }) =>
  health.lanes.find(({ queue }) => queue === "default")

describe.each(both)("on $broker", ({ open }) => {
  test("no more handlers run than the worker may, and the outcome does not wait", async () => {
    const { app, worker, lines } = await open(tasks, { concurrency: 2 })
    const runs = await Promise.all([1, 2].map((x) => app.start(deaf(x))))
    for (const run of runs) await expect(run.result()).rejects.toThrow(TaskTimedOut)
    const next = await app.start(quick(7))
    const health = await worker.health()
    expect(busy(health)).toMatchObject({ slots: 2, busy: 2, overrunning: 2 })
    expect(health).toMatchObject({ busy: 2, overrunning: 2, ok: false })
    expect(health.problems.join("\n")).toContain(
      'no calls are taken from queue "default": all 2 slots are held by handlers that were told to stop and go on (overrun.deaf)'
    )
    await expect.poll(() => lines.filter((line) => line.includes("still runs"))).toHaveLength(2)
    expect(await next.status()).toBe("pending")
    ends.shift()!()
    expect(await next.result()).toBe(7)
    expect(mostAtOnce).toBe(2)
    const some = await worker.health()
    expect(some).toMatchObject({ ok: true, overrunning: 1 })
    expect(some.notes.join("\n")).toContain('queue "default": 1 of 2 slots is held by a handler')
    ends.shift()!()
    await expect
      .poll(() => lines.filter((line) => line.includes("has ended at last")))
      .toHaveLength(2)
    expect(await worker.health()).toMatchObject({ ok: true, overrunning: 0, busy: 0 })
    expect(lines.filter((line) => line.includes("still runs"))).toHaveLength(2)
  })

  test("an effect that cannot be interrupted, and one that was cancelled", async () => {
    const { app, worker } = await open(tasks, { concurrency: 1 })
    await expect(app.run(deafEffect(1))).rejects.toThrow(TaskTimedOut)
    expect(busy(await worker.health())).toMatchObject({ busy: 1, overrunning: 1 })
    ends.shift()!()
    await expect.poll(async () => (await worker.health()).overrunning).toBe(0)
    const run = await app.start(patient(1))
    await expect.poll(() => ends.length).toBe(1)
    expect(await run.cancel()).toBe("Cancelled")
    await expect.poll(async () => (await worker.health()).overrunning).toBe(1)
    const next = await app.start(quick(7))
    ends.shift()!()
    expect(await next.result()).toBe(7)
    expect(mostAtOnce).toBe(1)
  })

  test("while the worker stops, the log tells where the step goes, and nothing of its slot", async () => {
    const { app, worker, lines } = await open(tasks, { concurrency: 2, grace: "200 millis" })
    await app.start(patient(1))
    const late = await app.start(deaf(1))
    await expect(late.result()).rejects.toThrow(TaskTimedOut)
    await expect.poll(() => lines.filter((line) => line.includes("still runs"))).toHaveLength(1)
    await worker.drain()
    await expect.poll(() => lines.filter((line) => line.includes("still runs"))).toHaveLength(2)
    const told = (name: string) => lines.filter((line) => line.includes(`overrun.${name}#0  still`))
    expect(told("deaf")[0]).toContain("its outcome is decided, and its slot is taken until it ends")
    expect(told("patient")).toEqual([
      expect.stringMatching(
        /#0 {2}still runs although the worker stops; its step goes back to the queue and runs again elsewhere\. Let its handler stop at step\(\)\.signal\.$/
      )
    ])
    for (const end of ends.splice(0)) end()
    await expect.poll(() => running).toBe(0)
    await setImmediate()
    expect(lines.filter((line) => line.includes("at last"))).toEqual([])
  })

  test("one that stops when it is told to is not worth a word", async () => {
    const { app, worker, lines } = await open(tasks, { concurrency: 1 })
    for (const x of [1, 2, 3]) await expect(app.run(hearing(x))).rejects.toThrow(TaskTimedOut)
    expect(await app.run(quick(7))).toBe(7)
    expect(await worker.health()).toMatchObject({ overrunning: 0 })
    expect(lines.filter((line) => line.includes("still runs"))).toEqual([])
  })
})

test("a retry runs beside the attempt that goes on, and counts as another handler", async () => {
  const server = memoryServer()
  const again = task(
    "overrun.again",
    { input: [], output: Finite, timeout, retry: { times: 1, initial: "1 millis", jitter: 0 } },
    () => (step().attempt === 1 ? goOn() : 2)
  )
  const worker = await workerOver(server.connect(), [again], { concurrency: 2 })
  const app = await clientOver(server.connect())
  expect(await app.run(again())).toBe(2)
  expect(await worker.health()).toMatchObject({ overrunning: 1, busy: 1 })
  await Promise.all([app.close(), worker.drain()])
})

test("a lost lease and a drain leave the handler, and the worker does not wait for it", async () => {
  const server = memoryServer({ lease: 1_000 })
  const app = await clientOver(server.connect())
  const first = await workerOver(server.connect(), [patient], { concurrency: 1 })
  const run = await app.start(patient(1))
  await expect.poll(() => ends.length).toBe(1)
  const second = await workerOver(server.connect(), [patient], { grace: "1 millis" })
  server.clock.advance(1_500)
  await expect.poll(() => ends.length).toBe(2)
  await expect.poll(async () => (await first.health()).overrunning).toBe(1)
  await first.drain()
  await second.drain()
  expect(await run.status()).toBe("pending")
  const third = await workerOver(server.connect(), [patient])
  await expect.poll(() => ends.length).toBe(3)
  ends.at(-1)!()
  expect(await run.result()).toBe(1)
  await Promise.all([app.close(), third.drain()])
})
