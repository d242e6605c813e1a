/** Steps that a worker goes on with, when time passes at the wrong moment or a worker is lost: nobody else pays for it. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { step } from "../../src/define/context.ts"
import { task } from "../../src/define/task.ts"
import { parseSubject } from "../../src/encode/subjects.ts"
import { clientOver, memoryServer, workerOver } from "../../src/testing/index.ts"
import type { MemoryCall } from "../../src/testing/memory/fault.ts"
import { executionsOf, note } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity } from "../fixtures/tasks.ts"

const one = { input: [Schema.Finite], output: Schema.Finite } as const

/** What is published as the outcome of a step, or as its call. */
const isPublished = ({ verb, subject }: MemoryCall, kind: "i" | "t", node: string): boolean => {
  const parts = verb === "publish" ? parseSubject(subject) : undefined
  return parts?.kind === kind && parts.node === node
}

/** A place where the outcome of step 1 is on its way until it is let through. */
const heldUp = async () => {
  const server = memoryServer({ clock: "manual" })
  let letThrough = (): void => {}
  const through = new Promise<void>((resolve) => (letThrough = resolve))
  let reach = (): void => {}
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const calls: Array<string> = []
  server.onCall = (call) => {
    const parts = call.verb === "publish" ? parseSubject(call.subject) : undefined
    if (parts?.kind === "t" && parts.task !== "_") calls.push(parts.node)
    if (!isPublished(call, "i", "1")) return undefined
    reach()
    return { hold: through }
  }
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), canvasTasks)
  return { server, app, worker, calls, reached, letThrough }
}

test("a step whose outcome took its time to be stored is followed by a stored call", async () => {
  const { server, app, worker, calls, reached, letThrough } = await heldUp()
  const run = await app.start(chain(identity(1), add(1)))
  await reached
  server.clock.advance(251)
  letThrough()
  expect(await run.result()).toBe(2)
  expect(calls).toEqual(["1", "2"])
  await Promise.all([worker.drain(), app.close()])
})

test("nothing is begun after a deadline that passed while an outcome was being stored", async () => {
  const { server, app, worker, reached, letThrough } = await heldUp()
  const run = await app.start(chain(identity(1), add(1)).with({ deadline: "100 millis" }))
  await reached
  server.clock.advance(100)
  letThrough()
  expect(await run.outcome()).toMatchObject({ _tag: "TimedOut" })
  await server.settled()
  expect(executionsOf(run.id, "canvas.add")).toEqual([])
  await Promise.all([worker.drain(), app.close()])
})

test("a worker that is told to stop while an outcome is being stored begins nothing more", async () => {
  const { server, app, worker, calls, reached, letThrough } = await heldUp()
  const run = await app.start(chain(identity(1), add(1)))
  await reached
  const drained = worker.drain()
  letThrough()
  await drained
  expect(executionsOf(run.id, "canvas.add")).toEqual([])
  expect(calls).toEqual(["1", "2"])
  const second = await workerOver(server.connect(), canvasTasks)
  expect(await run.result()).toBe(2)
  await Promise.all([second.drain(), app.close()])
})

test("whoever was handed a step goes on, when only the ack of the step before was lost", async () => {
  const server = memoryServer({ clock: "manual" })
  server.onCall = ({ verb, subject }) =>
    verb === "ack" && parseSubject(subject)?.node === "1" ? "lost" : undefined
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  let aborted = 0
  const long = task("carry.long", one, async (number) => {
    note(number)
    step().signal.addEventListener("abort", () => (aborted += 1))
    begin()
    await opened
    return number
  })
  const app = await clientOver(server.connect())
  const first = await workerOver(server.connect(), canvasTasks)
  const run = await app.start(chain(identity(1), long().with({ queue: "other" })))
  await expect.poll(() => server.records("memory.t.other.>")).toHaveLength(1)
  server.clock.advance(25_000)
  const other = await workerOver(server.connect(), [long], { queues: ["other"] })
  await begun
  server.onCall = undefined
  // The lease of the first step runs out now, that of the second does not.
  server.clock.advance(6_000)
  await expect.poll(() => server.records("memory.t.default.>")).toEqual([])
  await server.settled()
  expect(aborted).toBe(0)
  expect(server.records("memory.a.>")).toEqual([])
  open()
  expect(await run.result()).toBe(1)
  expect(executionsOf(run.id, "carry.long")).toHaveLength(1)
  await Promise.all([first.drain(), other.drain(), app.close()])
})

test("a step that its worker could not have gone on with is not counted as lost", async () => {
  const server = memoryServer({ clock: "manual" })
  server.onCall = (call) => (isPublished(call, "t", "2") ? "crash-before" : undefined)
  const app = await clientOver(server.connect())
  await workerOver(server.connect(), canvasTasks)
  const run = await app.start(chain(identity(1), add(1).with({ queue: "other" })))
  await expect.poll(() => server.records("memory.i.>")).toHaveLength(1)
  await server.settled()
  server.onCall = undefined
  const second = await workerOver(server.connect(), canvasTasks, { queues: ["other"] })
  server.clock.advance(31_000)
  expect(await run.result()).toBe(2)
  expect(server.records("memory.a.>")).toEqual([])
  await Promise.all([second.drain(), app.close()])
})

test.each([1, 2])(
  "a step that may cost %d workers costs no more, also when it was carried",
  async (crashes) => {
    const server = memoryServer({ clock: "manual" })
    const brokers: Array<ReturnType<typeof server.connect>> = []
    const kill = task("carry.kill", one, (number) => {
      note(number)
      server.crash(brokers.at(-1)!)
      return new Promise<number>(() => {})
    })
    const next = async () => {
      const broker = server.connect()
      brokers.push(broker)
      return workerOver(broker, [kill, ...canvasTasks], { maxCrashes: crashes })
    }
    const app = await clientOver(server.connect())
    const run = await app.start(chain(identity(1), kill()))
    for (let lost = 1; lost <= crashes; lost += 1) {
      await next()
      await expect.poll(() => executionsOf(run.id, "carry.kill")).toHaveLength(lost)
      server.clock.advance(31_000)
    }
    const last = await next()
    await server.settled()
    server.clock.advance(31_000)
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
    expect(executionsOf(run.id, "carry.kill")).toHaveLength(crashes)
    await Promise.all([last.drain(), app.close()])
  }
)

test("a carried step is stored whole when it is tried again, with a plan that barely fits a message", async () => {
  const server = memoryServer({ clock: "manual", maxBytes: 65_536 })
  const flaky = task(
    "carry.flaky",
    { input: [Schema.String, Schema.String], output: Schema.String },
    (text) => {
      if (step().attempt === 1) throw new Error("the first attempt fails")
      return text.slice(0, 1)
    }
  )
  const long = task("carry.text", { input: [], output: Schema.String }, () => "x".repeat(30_000))
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), [flaky, long])
  const retry = { times: 1, initial: "1 second", jitter: 0 } as const
  const run = await app.start(chain(long(), flaky("y".repeat(20_000)).with({ retry })))
  await expect.poll(() => server.records("memory.s.*.*.*.*.*.*.2.retry")).toHaveLength(1)
  await server.settled()
  server.clock.advance(1_000)
  expect(await run.result()).toBe("x")
  expect((await worker.health()).counters).toMatchObject({ lost: 0 })
  await Promise.all([worker.drain(), app.close()])
})
