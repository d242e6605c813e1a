/** Stopping takes the grace and a second or two, whatever the broker does meanwhile; what it did not store runs elsewhere. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { setTimeout as sleep } from "node:timers/promises"
import { beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { BrokerError, connect, startWorker, step, task, Worker, type WorkerOptions } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { tookHere } from "../facts/place.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { type Proxy, proxyTo } from "../nats/proxy.ts"

/** Where no process of the tests before is meant. */
let place = ""
/** Handlers that were begun by the worker that stops. */
let began = 0
/** Whether handlers hold their step, as those of the first worker do. */
let holding = true
beforeEach(() => {
  began = 0
  holding = true
})

const contract = { input: [Schema.Finite], output: Schema.String } as const
const hears = task("stopping.hears", contract, async (x) => {
  began += 1
  if (holding) await sleep(600_000, undefined, { signal: step().signal, ref: false })
  return `${x} in ${place}`
})
const deaf = task("stopping.deaf", contract, async (x) => {
  began += 1
  if (holding) await sleep(600_000, undefined, { ref: false })
  return `${x} in ${place}`
})
/** Ends while the broker is away: its outcome cannot be stored. */
const ends = task("stopping.ends", contract, async (x) => {
  began += 1
  if (holding) await sleep(100, undefined, { ref: false })
  return `${x} in ${place}`
})
const tasks = [hears, deaf, ends] as const

const namespace = "stopping"

/** In milliseconds: longer than a worker here takes to be harmed and to stop, as nobody renews one within ten seconds. */
const lease = 4_000

interface Harmed {
  readonly server: NatsServer
  readonly proxy: Proxy
}

/** What the broker does, and how that is undone. */
const harms: { readonly [name: string]: (at: Harmed) => () => Promise<void> | void } = {
  "was killed": ({ server }) => {
    server.kill()
    return () => server.restart()
  },
  "is frozen": ({ server }) => {
    process.kill(server.pid, "SIGSTOP")
    return () => void process.kill(server.pid, "SIGCONT")
  },
  "says nothing any more": ({ proxy }) => {
    proxy.swallow()
    return () => proxy.cut()
  },
  "cannot be reached": ({ proxy }) => proxy.away()
}

const open = async (options: WorkerOptions = {}) => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const proxy = await proxyTo(server.port)
  const lines: Array<string> = []
  const broker = await connectNats({ servers: proxy.url, namespace }, { lease })
  const worker = await workerOver(broker, tasks, {
    print: (line) => lines.push(line),
    ...options
  })
  place = "the first"
  onTestFinished(() => worker.drain())
  const app = await clientOver(await connectNats({ servers: server.url, namespace }))
  onTestFinished(() => app.close())
  return { server, proxy, worker, app, lines }
}

describe.each(Object.keys(harms))("the broker %s", (harm) => {
  test.each([
    ["stopping.hears", hears, 300, 20],
    ["stopping.deaf", deaf, 300, 20],
    ["stopping.ends", ends, 1_000, 5],
    ["stopping.hears, two hundred at once and without a grace", hears, 0, 200]
  ] as const)(
    "%s",
    async (_, work, grace, count) => {
      const opened = await open({ grace: `${grace} millis`, concurrency: 200 })
      const { worker, app, server, lines } = opened
      const runs = await Promise.all(Array.from({ length: count }, (_, x) => app.start(work(x))))
      await expect.poll(() => began, { timeout: 10_000 }).toBe(count)
      const undo = harms[harm]!(opened)
      expect(await tookHere(() => worker.drain())).toBeLessThan(grace + 2_000)
      // One line says which.
      const told = lines.filter((line) => line.includes("has not stored what became of"))
      expect(told).toHaveLength(1)
      expect(told[0]).toContain(`${count} steps`)
      expect(told[0]).toMatch(/: app-\S+ stopping\.\w+#0, /)
      expect(lines.join("\n")).not.toContain("left to be delivered again")
      await undo()
      // Nothing is lost: another worker does them when their leases are over.
      holding = false
      place = "the second"
      const other = await workerOver(
        await connectNats({ servers: server.url, namespace }, { lease }),
        tasks,
        { concurrency: 200 }
      )
      onTestFinished(() => other.drain())
      const answers = await Promise.all(runs.map((run) => run.result({ within: "30 seconds" })))
      // What a frozen broker had been sent before, it may have stored when it went on.
      const late = work === ends ? /in the (first|second)$/ : /in the second$/
      expect(answers.filter((answer) => !late.test(answer))).toEqual([])
    },
    60_000
  )
})

test("a worker that does nothing leaves a frozen broker as fast", async () => {
  const { server, worker, lines } = await open({ grace: "200 millis" })
  process.kill(server.pid, "SIGSTOP")
  onTestFinished(() => void process.kill(server.pid, "SIGCONT"))
  expect(await tookHere(() => worker.drain())).toBeLessThan(2_200)
  expect(lines.filter((line) => line.includes("has not stored"))).toEqual([])
})

test("two who stop it at once wait for the same", async () => {
  const { server, worker, app, lines } = await open({ grace: "200 millis" })
  await app.start(hears(1))
  await expect.poll(() => began).toBe(1)
  server.kill()
  const both = Promise.all([worker.drain(), worker.drain(), worker[Symbol.asyncDispose]()])
  expect(await tookHere(() => both)).toBeLessThan(2_200)
  expect(lines.filter((line) => line.includes("what became of a step"))).toHaveLength(1)
  await server.restart()
})

test("the scope of a layer ends as fast", async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const app = await clientOver(await connectNats({ servers: server.url, namespace }))
  onTestFinished(() => app.close())
  const lines: Array<string> = []
  const layer = Worker.layer(tasks, {
    servers: server.url,
    namespace,
    grace: "200 millis",
    print: (line) => lines.push(line)
  })
  const scope = await Effect.runPromise(Scope.make())
  await Effect.runPromise(Layer.buildWithScope(layer, scope))
  await app.start(deaf(1))
  await expect.poll(() => began).toBe(1)
  server.kill()
  const closing = Effect.runPromise(Scope.close(scope, Exit.void))
  expect(await tookHere(() => closing)).toBeLessThan(2_200)
  expect(lines.join("\n")).toContain("stopping.deaf#0")
  await server.restart()
})

test("a worker of startWorker, and a client with a thousand who wait", async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const at = { servers: server.url, namespace, print: () => {} }
  const worker = await startWorker(tasks, { ...at, grace: "200 millis", concurrency: 50 })
  const app = await connect(at)
  const runs = await Promise.all(Array.from({ length: 1_000 }, (_, x) => app.start(hears(x))))
  const waiting = Promise.allSettled(runs.map((run) => run.result()))
  await expect.poll(() => began, { timeout: 10_000 }).toBe(50)
  process.kill(server.pid, "SIGSTOP")
  onTestFinished(() => void process.kill(server.pid, "SIGCONT"))
  expect(await tookHere(() => Promise.all([worker.drain(), app.close()]))).toBeLessThan(2_700)
  for (const end of await waiting) {
    expect(end).toMatchObject({ status: "rejected", reason: { reason: "Closed" } })
    expect((end as PromiseRejectedResult).reason).toBeInstanceOf(BrokerError)
  }
}, 30_000)
