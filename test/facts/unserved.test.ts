/** Queues that nobody serves, on a real server: a thousand calls of a renamed queue, and a broker that starts again. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { Client, task, type App, type AnyTask } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import type { Timing } from "../../src/nats/timing.ts"
import type { Worker } from "../../src/worker/layer.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"
import { serverForTest } from "../nats/fixture.ts"

const finite = Schema.Finite
const one = task("one", { input: [], output: finite }, () => 1)
const two = (queue: string, ran: (x: number) => void = () => {}) =>
  task("two", { input: [finite], output: finite, queue }, (x) => {
    ran(x)
    return x + 1
  })

const place = async (timing: Partial<Timing> = {}) => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const broker = () => connectNats({ servers: server.url, namespace: "unserved" }, timing)
  const work = async (tasks: ReadonlyArray<AnyTask>, options: WorkerOptions): Promise<Worker> => {
    const worker = await workerOver(await broker(), tasks as never, {
      print: (line) => void lines.push(line),
      grace: 0,
      ...options
    })
    onTestFinished(() => worker.drain())
    return worker
  }
  const client = async (print?: (line: string) => void): Promise<App> => {
    const app = await clientOver(await broker(), print === undefined ? {} : { print })
    onTestFinished(() => app.close())
    return app
  }
  return { server, lines, work, app: await client(), client }
}

const long = { timeout: 40_000, interval: 100 }

test("a thousand calls wait in a queue that was renamed: all are dead letters, and one is done elsewhere", async () => {
  const { lines, work, app } = await place()
  const runs = await Promise.all(Array.from({ length: 1_000 }, (_, x) => app.start(two("mail")(x))))
  const options = { patience: "2 seconds" } as const
  const workers = await Promise.all([1, 2].map(() => work([one, two("notify")], options)))
  const letters = async (): Promise<number> =>
    (await app.deadLetters.list({ limit: 1_000 })).letters.length
  await expect.poll(letters, long).toBe(1_000)
  const outcomes = await Promise.all(runs.map((run) => run.outcome()))
  expect(outcomes.every(({ _tag }) => _tag === "Crashed")).toBe(true)
  // Two have shared the work.
  const counted = (): number =>
    lines
      .flatMap((line) => /^queue "mail": (\d+) calls? that/.exec(line)?.[1] ?? [])
      .reduce((sum, count) => sum + Number(count), 0)
  await expect.poll(counted, long).toBe(1_000)
  const [letter] = (await app.deadLetters.list({ limit: 1 })).letters
  const { id } = await app.deadLetters.redrive(letter!.id, { queue: "notify" })
  expect(await app.attach(id, two("mail")(0)).result()).toBeGreaterThan(0)
  await expect
    .poll(
      async () =>
        (await Promise.all(workers.map((worker) => worker.health()))).every(({ ok }) => ok),
      long
    )
    .toBe(true)
})

test("a broker that starts again forgets when it handed out what: nothing is given up for that", async () => {
  const { server, lines, work, app } = await place()
  const ran: Array<number> = []
  const before = await work([two("mail")], {})
  expect(await app.run(two("mail")(0))).toBe(1)
  await before.drain()
  const runs = await Promise.all([1, 2, 3].map((x) => app.start(two("mail")(x))))
  const other = await work([one], { patience: "6 seconds" })
  await expect.poll(() => lines.some((line) => line.startsWith("calls wait")), long).toBe(true)
  expect((await other.health()).ok).toBe(false)
  await server.restart()
  await work([two("mail", (x) => ran.push(x))], {})
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4])
  expect(ran.toSorted()).toEqual([1, 2, 3])
  expect((await app.deadLetters.list()).letters).toEqual([])
  await expect.poll(async () => (await other.health()).problems, long).toEqual([])
})

test("whoever waits for a keyed run, or for a later step, is told which queue nobody serves, once", async () => {
  const { work, client } = await place()
  await work([one], {})
  const lines: Array<string> = []
  const app = await client((line) => void lines.push(line))
  const run = await app.start(two("mail")(1).with({ key: "invoice" }))
  void run.result().catch(() => {})
  void (await app.start(two("mail")(1).with({ key: "other" }))).result().catch(() => {})
  await expect.poll(() => lines.length, long).toBe(1)
  expect(lines[0]).toContain(`no worker on queue "mail" yet`)
  expect(lines[0]).toContain("so two waits")
  await work([two("mail")], {})
  expect(await run.result()).toBe(2)
  expect(lines).toHaveLength(1)
})

test("handlers that are Effects are told of when all of them wait", async () => {
  const { server, lines, work, app } = await place()
  const parent = task("parent", { input: [], output: finite, timeout: "20 seconds" }, () =>
    Effect.gen(function* () {
      const client = yield* Client
      return yield* client.run(one())
    }).pipe(
      Effect.provide(Client.layer({ servers: server.url, namespace: "unserved", print: () => {} })),
      Effect.orDie
    )
  )
  const worker = await work([one, parent], { concurrency: 1 })
  const run = await app.start(parent())
  const waits = (line: string): boolean => line.includes("waits for a run of its own (parent)")
  await expect.poll(() => lines.filter(waits).length, long).toBe(1)
  expect((await worker.health()).problems.filter(waits)).toHaveLength(1)
  await work([one], {})
  expect(await run.result()).toBe(1)
  expect((await worker.health()).problems).toEqual([])
})
