/** A worker that has ended a step of a chain goes on with the next one itself; whatever happens then, it is as if the call had been stored. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { step } from "../../src/define/context.ts"
import { task } from "../../src/define/task.ts"
import { parseSubject } from "../../src/encode/subjects.ts"
import { clientOver, memoryServer, workerOver } from "../../src/testing/index.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { executionsOf, note } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity } from "../fixtures/tasks.ts"

/** A server that remembers which steps had their call stored, in order. */
const listening = (clock: "manual" | "real" = "manual") => {
  const server = memoryServer({ clock })
  const calls: Array<string> = []
  server.onCall = ({ verb, subject }) => {
    const parts = verb === "publish" ? parseSubject(subject) : undefined
    if (parts?.kind === "t" && parts.task !== "_") calls.push(parts.node)
    return undefined
  }
  return { server, calls }
}

const one = { input: [Schema.Finite], output: Schema.Finite } as const

const flakyOnce = task("carry.flaky", one, (number) => {
  note(number)
  if (step().attempt === 1) throw new Error("the first attempt fails")
  return number
})

const steps = (run: string) => executionsOf(run).map(({ step }) => step)

test("one call is stored for a chain of three, and every step has its outcome", async () => {
  const { server, calls } = listening()
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), canvasTasks)
  const run = await app.start(chain(identity(1), add(1), add(2)))
  expect(await run.result()).toBe(4)
  await server.settled()
  expect(calls).toEqual(["1"])
  expect(executionsOf(run.id).map(({ step, parent }) => [step, parent])).toEqual([
    ["1", null],
    ["2", "1"],
    ["3", "2"]
  ])
  expect(server.records("memory.i.>")).toHaveLength(2)
  expect(server.records("memory.t.>")).toEqual([])
  await Promise.all([worker.drain(), app.close()])
})

test("every 33rd step of a long chain has its call stored", async () => {
  const { server, calls } = listening()
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), canvasTasks)
  const run = await app.start(chain(identity(0), ...Array.from({ length: 99 }, () => add(1))))
  expect(await run.result()).toBe(99)
  expect(calls).toEqual(["1", "34", "67", "100"])
  await Promise.all([worker.drain(), app.close()])
})

test("a step behind a slow one has its call stored", async () => {
  const { server, calls } = listening()
  const slow = task("carry.slow", one, (number) => {
    server.clock.advance(251)
    return number
  })
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), [slow, ...canvasTasks])
  expect(await app.run(chain(identity(1), slow(), identity()))).toBe(1)
  expect(calls).toEqual(["1", "3"])
  await Promise.all([worker.drain(), app.close()])
})

test("a step on another queue, and one of a task that is served elsewhere, go there", async () => {
  const { server, calls } = listening("real")
  const app = await clientOver(server.connect())
  const workers = await Promise.all([
    workerOver(server.connect(), [identity]),
    workerOver(server.connect(), [add], { queues: ["other"] })
  ])
  const elsewhere = add(1).with({ queue: "other" })
  expect(await app.run(chain(identity(1), identity(), elsewhere))).toBe(2)
  expect(calls).toEqual(["1", "3"])
  expect(await app.run(chain(identity(1), add(1)))).toBe(2)
  expect(calls.slice(2)).toEqual(["1", "2"])
  await Promise.all([...workers.map((worker) => worker.drain()), app.close()])
})

/** A task that kills its worker as often as it is told, and then gives its number. */
const killer = (server: ReturnType<typeof memoryServer>, times: number) => {
  const brokers: Array<Broker> = []
  let killed = 0
  const kill = task("carry.kill", one, (number) => {
    note(number)
    if (killed >= times) return number
    server.crash(brokers[killed]!)
    killed += 1
    return new Promise<number>(() => {})
  })
  /** One worker at a time, so that it is known who dies. */
  const next = async () => {
    const broker = server.connect()
    brokers.push(broker)
    return workerOver(broker, [kill, ...canvasTasks])
  }
  return { kill, next }
}

test("a worker that dies in a carried step leaves what had ended, and no more than that step is repeated", async () => {
  const { server, calls } = listening()
  const { kill, next } = killer(server, 1)
  const app = await clientOver(server.connect())
  const first = await next()
  const run = await app.start(chain(identity(1), add(1), kill(), add(1)))
  await expect.poll(() => steps(run.id)).toEqual(["1", "2", "3"])
  const second = await next()
  server.clock.advance(31_000)
  expect(await run.result()).toBe(3)
  expect(steps(run.id)).toEqual(["1", "2", "3", "3", "4"])
  // Behind a step that may have been executed before, everything goes through the broker.
  expect(calls).toEqual(["1", "3", "4"])
  expect(executionsOf(run.id, "carry.kill").map(({ worker }) => worker)).toEqual([
    first.name,
    second.name
  ])
  await Promise.all([second.drain(), app.close()])
})

test("a carried step that kills its workers costs as many as any other, and whoever carried it is named", async () => {
  const { server } = listening()
  const { kill, next } = killer(server, 10)
  const app = await clientOver(server.connect())
  const names: Array<string> = []
  const run = await app.start(chain(identity(1), add(1), kill(), add(1)))
  for (let lost = 1; lost <= 3; lost += 1) {
    names.push((await next()).name)
    await expect.poll(() => executionsOf(run.id, "carry.kill")).toHaveLength(lost)
    server.clock.advance(31_000)
  }
  const last = await next()
  server.clock.advance(31_000)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
  expect(executionsOf(run.id, "carry.kill").map(({ worker }) => worker)).toEqual(names)
  const { letters } = await app.deadLetters.list()
  expect(letters).toMatchObject([
    { task: "carry.kill", losses: 3, lost: [{ worker: names[0] }, {}] }
  ])
  await Promise.all([last.drain(), app.close()])
})

test("a worker that slept in a carried step is told that it runs elsewhere", async () => {
  const { server } = listening()
  let begun = 0
  const aborted: Array<string> = []
  const long = task("carry.sleep", one, (number) => {
    const { worker, signal } = step()
    note(number)
    signal.addEventListener("abort", () => aborted.push(worker))
    begun += 1
    return begun === 1 ? new Promise<number>(() => {}) : number
  })
  const app = await clientOver(server.connect())
  const first = await workerOver(server.connect(), [long, ...canvasTasks])
  // Its heartbeats do not come through: to the broker it sleeps.
  const { onCall } = server
  server.onCall = (call) => (call.verb === "extend" ? "lost" : onCall?.(call))
  const run = await app.start(chain(identity(1), long(), add(1)))
  await expect.poll(() => begun).toBe(1)
  const second = await workerOver(server.connect(), [long, ...canvasTasks])
  server.clock.advance(31_000)
  expect(await run.result()).toBe(2)
  await expect.poll(() => aborted).toEqual([first.name])
  expect((await first.health()).counters).toMatchObject({ lost: 1, fenced: 0 })
  await Promise.all([first.drain(), second.drain(), app.close()])
})

test("a carried step that fails is tried again, by a timer", async () => {
  const { server, calls } = listening()
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), [flakyOnce, ...canvasTasks])
  const retry = { times: 1, initial: "1 second", jitter: 0 } as const
  const run = await app.start(chain(identity(1), flakyOnce().with({ retry }), add(1)))
  await expect.poll(() => server.records("memory.s.*.*.*.*.*.*.2.retry")).toHaveLength(1)
  await expect.poll(() => server.records("memory.t.>")).toEqual([])
  server.clock.advance(1_000)
  expect(await run.result()).toBe(2)
  expect(steps(run.id)).toEqual(["1", "2", "2", "3"])
  expect(calls).toEqual(["1", "3"])
  await Promise.all([worker.drain(), app.close()])
})

test("a worker that stops sends the carried step back, and another goes on with it", async () => {
  const { server, calls } = listening()
  let begun = 0
  const long = task("carry.long", one, (number) => {
    note(number)
    begun += 1
    return begun === 1 ? new Promise<number>(() => {}) : number
  })
  const app = await clientOver(server.connect())
  const first = await workerOver(server.connect(), [long, ...canvasTasks], { grace: 0 })
  const run = await app.start(chain(identity(1), long(), add(1)))
  await expect.poll(() => begun).toBe(1)
  await first.drain()
  expect(calls).toEqual(["1", "2"])
  const second = await workerOver(server.connect(), [long, ...canvasTasks])
  expect(await run.result()).toBe(2)
  expect(steps(run.id)).toEqual(["1", "2", "2", "3"])
  await Promise.all([second.drain(), app.close()])
})
