/** What was cancelled while no worker was there never begins, whichever comes first, and however its calls stand in the queues. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import {
  chain,
  type App,
  group,
  implement,
  map,
  settle,
  task,
  type AnyWorkflow,
  type Worker,
  type WorkerOptions
} from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { cancelsFilter } from "../../src/encode/subjects.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { proxyTo } from "../nats/proxy.ts"
import { serverForTest } from "../nats/fixture.ts"

const mail = task("revoked.mail", { input: [Schema.Finite], output: Schema.Finite })
const parcel = task("revoked.parcel", {
  input: [Schema.Finite],
  output: Schema.Finite,
  queue: "parcels"
})

/** What begins anywhere. */
const bound = () => {
  const begun: Array<number> = []
  const tell = (to: number): number => {
    begun.push(to)
    return to
  }
  return { begun, tasks: [implement(mail, tell), implement(parcel, tell)] as const }
}

const memory = async () => {
  const server = memoryServer({ namespace: "shop" })
  return async (): Promise<Broker> => server.connect()
}

let count = 0

const nats = async () => {
  const { url } = await serverForTest()
  const namespace = `revoked-${++count}`
  return (): Promise<Broker> => connectNats({ servers: url, namespace })
}

const places = [
  ["in memory", memory],
  ["on a real server", nats]
] as const

const client = async (connect: () => Promise<Broker>): Promise<App> => {
  const app = await clientOver(await connect())
  onTestFinished(() => app.close())
  return app
}

const worker = async (
  connect: () => Promise<Broker>,
  tasks: ReadonlyArray<unknown>,
  options: WorkerOptions = {}
): Promise<Worker> => {
  const worker = await workerOver(await connect(), tasks as never, options)
  onTestFinished(() => worker.drain())
  return worker
}

/** Asks for a cancel, and resolves when it is stored; nobody is there to carry it out. */
const revoke = async (
  connect: () => Promise<Broker>,
  runs: ReadonlyArray<{ cancel(): Promise<string> }>
): Promise<{ readonly answers: Promise<ReadonlySet<string>> }> => {
  const answers = Promise.all(runs.map((run) => run.cancel())).then((told) => new Set(told))
  answers.catch(() => {})
  const broker = await connect()
  const filter = cancelsFilter(broker.facts.namespace)
  await expect.poll(() => broker.count(filter), { timeout: 10_000 }).toBe(runs.length)
  await broker.close()
  return { answers }
}

const cancelled = new Set(["Cancelled"])

const workflows: ReadonlyArray<readonly [string, (at: number) => AnyWorkflow]> = [
  ["calls", (at) => mail(at)],
  ["chains", (at) => chain(mail(at), parcel(), mail())],
  ["groups", (at) => group(mail(at), chain(parcel(at), mail()), group(mail(at), mail(at)))],
  ["settled", (at) => chain(settle(chain(mail(at), parcel())))],
  ["keyed, with a deadline", (at) => mail(at).with({ key: `mail-${at}`, deadline: "1 hour" })]
]

for (const [where, place] of places) {
  test.each(workflows)(
    `${where}, %s that were cancelled before the first worker came`,
    async (name, workflow) => {
      const connect = await place()
      const app = await client(connect)
      const many = name === "calls" || name === "chains" ? 200 : 40
      const runs = await Promise.all(
        Array.from({ length: many }, (_, at) => app.start(workflow(at) as never))
      )
      const { answers } = await revoke(connect, runs)
      const { begun, tasks } = bound()
      await worker(connect, tasks)
      expect(await answers).toEqual(cancelled)
      // What is started afterwards is done, and finds nothing before it in the queue.
      expect(await app.run(chain(mail(-1), parcel()))).toBe(-1)
      expect(begun).toEqual([-1, -1])
      const broker = await connect()
      onTestFinished(() => broker.close())
      const { namespace } = broker.facts
      await expect.poll(() => broker.count(`${namespace}.t.*.0.>`)).toBe(0)
    }
  )

  test(`${where}, several workers that start at once, each of another queue`, async () => {
    const connect = await place()
    const app = await client(connect)
    const runs = await Promise.all(
      Array.from({ length: 60 }, (_, at) => app.start(chain(parcel(at), mail())))
    )
    const list = map(mail())
    const mapped = await app.start(list, [1, 2, 3])
    const { answers } = await revoke(connect, [...runs, mapped])
    const { begun, tasks } = bound()
    await Promise.all([
      worker(connect, [tasks[0]]),
      worker(connect, [tasks[1]]),
      worker(connect, tasks)
    ])
    expect(await answers).toEqual(cancelled)
    expect(begun).toEqual([])
  })

  test(`${where}, a step whose queue nobody serves, behind others that were done`, async () => {
    const connect = await place()
    const app = await client(connect)
    const { begun, tasks } = bound()
    const first = await worker(connect, [tasks[0]])
    const run = await app.start(chain(mail(1), parcel()))
    await expect.poll(() => run.status()).toBe("running")
    await first.drain()
    const { answers } = await revoke(connect, [run])
    await worker(connect, tasks)
    expect(await answers).toEqual(cancelled)
    expect(begun).toEqual([1])
  })
}

test("a cancel in the hands of a worker that died is carried out by whoever comes next, long before its lease ends", async () => {
  const server = memoryServer()
  const connect = async () => server.connect()
  const app = await client(connect)
  const run = await app.start(mail(7))
  await revoke(connect, [run])
  const dying = server.connect({ name: "dying" })
  // It takes the cancel, and dies over it.
  const taken = new Promise<void>((resolve) => {
    void dying.consume({ queue: "_", level: "_" }, () => resolve()).then((lane) => lane.pull(1))
  })
  await taken
  server.crash(dying)
  const { begun, tasks } = bound()
  await worker(connect, tasks)
  expect(await run.outcome()).toMatchObject({ _tag: "Cancelled", reason: "cancelled on request" })
  expect(begun).toEqual([])
})

test("a retry that falls due after the cancel does not begin", async () => {
  const server = memoryServer()
  const connect = async () => server.connect()
  const app = await client(connect)
  let attempts = 0
  const failing = implement(mail, () => {
    attempts += 1
    throw new Error("not now")
  })
  const first = await worker(connect, [failing])
  const run = await app.start(
    mail(1).with({ retry: { times: 5, initial: "10 minutes", max: "10 minutes", jitter: 0 } })
  )
  await expect.poll(() => run.status()).toBe("retrying")
  await first.drain()
  server.clock.advance(9 * 60_000)
  const { answers } = await revoke(connect, [run])
  // The timer puts the call back on its queue, before anybody is there.
  server.clock.advance(2 * 60_000)
  await worker(connect, [failing])
  expect(await answers).toEqual(cancelled)
  expect(attempts).toBe(1)
})

test("a worker that was away while something was cancelled does not begin it when it is back", async () => {
  const server = await serverForTest()
  const namespace = "away"
  const direct = () => connectNats({ servers: server.url, namespace })
  const app = await client(direct)
  const proxy = await proxyTo(Number(new URL(server.url).port))
  const { begun, tasks } = bound()
  await worker(() => connectNats({ servers: proxy.url, namespace }), tasks)
  expect(await app.run(mail(0))).toBe(0)
  const back = proxy.away()
  const runs = await Promise.all(
    Array.from({ length: 50 }, (_, at) => app.start(at % 2 ? mail(at) : chain(mail(at), parcel())))
  )
  const { answers } = await revoke(direct, runs)
  back()
  expect(await answers).toEqual(cancelled)
  expect(begun).toEqual([0])
})

test("a worker whose look at the cancels fails takes nothing until it has looked", async () => {
  const server = memoryServer()
  const connect = async () => server.connect({ name: "worker" })
  const app = await client(async () => server.connect({ name: "client" }))
  const { begun, tasks } = bound()
  await worker(connect, tasks, { concurrency: 1 })
  let refusals = 0
  server.onCall = ({ connection, verb, subject }) => {
    if (connection !== "worker" || verb !== "count" || !subject.includes("cancel")) return undefined
    refusals += 1
    return refusals === 1 ? { refuse: "Unreachable" } : undefined
  }
  server.restart()
  await server.settled()
  expect(refusals).toBe(1)
  expect(await app.run(mail(1))).toBe(1)
  expect(refusals).toBe(2)
  expect(begun).toEqual([1])
})

test("starting a worker asks no more than one question more when nothing was cancelled, and a call costs none", async () => {
  const server = memoryServer()
  const app = await client(async () => server.connect({ name: "client" }))
  const asked: Array<string> = []
  server.onCall = ({ connection, verb }) => {
    if (connection === "worker") asked.push(verb)
    return undefined
  }
  await worker(async () => server.connect({ name: "worker" }), [bound().tasks[0]])
  const questions = asked.filter((verb) => verb !== "listen" && verb !== "announce")
  // Of the system, of the ticks of schedules, and of its queue.
  expect(questions).toEqual(["count", "consume", "consume", "consume"])
  asked.length = 0
  await app.run(mail(1))
  await server.settled()
  expect(asked).not.toContain("count")
})
