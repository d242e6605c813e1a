/** A key makes a start idempotent: the same run comes back, from any process, also after the broker forgot its ids. */
import * as Schema from "effect/Schema"
import { describe, expect, onTestFinished, test } from "vitest"
import { chain, group, KeyTaken, task, type App } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { executionsOf, note } from "../fixtures/ledger.ts"
import { startNatsServer } from "../nats-server.ts"

const { Finite } = Schema
const double = task("keys.double", { input: [Finite], output: Finite }, (x) => {
  note(x)
  return x * 2
})

const clientFor = async (broker: Broker, retention?: "1 second"): Promise<App> => {
  const app = await clientOver(broker, retention === undefined ? {} : { retention })
  onTestFinished(() => app.close())
  return app
}

const memoryPlace = async () => {
  const server = memoryServer({ clock: "manual" })
  const work = () => workerOver(server.connect(), [double])
  return { server, work, client: () => clientFor(server.connect()) }
}

const invoice = double(21).with({ key: "invoice-4711" })

describe("in memory", () => {
  test("the same run comes back, and is executed once", async () => {
    const { client, work } = await memoryPlace()
    const [app, other] = [await client(), await client()]
    const first = await app.start(invoice)
    const second = await other.start(invoice)
    expect(second.id).toBe(first.id)
    await work()
    expect(await Promise.all([first.result(), second.result(), app.run(invoice)])).toEqual([
      42, 42, 42
    ])
    expect((await app.start(invoice)).id).toBe(first.id)
    expect(executionsOf(first.id)).toHaveLength(1)
  })

  test("of many starts at once from several processes one wins", async () => {
    const { client, work } = await memoryPlace()
    const apps = await Promise.all([client(), client(), client()])
    const runs = await Promise.all(
      Array.from({ length: 30 }, (_, at) => apps[at % 3]!.start(invoice))
    )
    const ids = new Set(runs.map(({ id }) => id))
    expect(ids.size).toBe(1)
    await work()
    expect(await runs[29]!.result()).toBe(42)
    expect(executionsOf(runs[0]!.id)).toHaveLength(1)
  })

  test("a composite workflow, its input, and each owner's keys by themselves", async () => {
    const { server, client, work } = await memoryPlace()
    await work()
    const app = await client()
    const workflow = chain(double(), group(double(), double())).with({ key: "k" })
    const first = await app.start(workflow, 1)
    expect(await first.result()).toEqual([4, 4])
    expect((await app.start(workflow, 1)).id).toBe(first.id)
    const bob = await clientOver(server.connect(), { owner: "bob" })
    onTestFinished(() => bob.close())
    expect((await bob.start(workflow, 1)).id).not.toBe(first.id)
  })

  test("another workflow or input under the key is refused, and names the run that holds it", async () => {
    const { client } = await memoryPlace()
    const app = await client()
    const first = await app.start(invoice)
    const refused = app.start(double(22).with({ key: "invoice-4711" }))
    await expect(refused).rejects.toThrow(KeyTaken)
    await expect(refused).rejects.toMatchObject({ key: "invoice-4711", run: first.id })
    const zero = await app.start(double(0).with({ key: "zero" }))
    expect((await app.start(double(0).with({ key: "zero" }))).id).toBe(zero.id)
    await expect(app.start(double(-0).with({ key: "zero" }))).rejects.toThrow(KeyTaken)
    const another = chain(double(21)).with({ key: "invoice-4711" })
    await expect(app.run(another)).rejects.toThrow("already holds run")
  })

  test("is free again when the outcome is no longer kept, and leaves nothing behind", async () => {
    const { server, work } = await memoryPlace()
    await work()
    const app = await clientFor(server.connect(), "1 second")
    const first = await app.start(invoice)
    expect(await first.result()).toBe(42)
    await server.settled()
    server.clock.advance(2_000)
    await server.settled()
    const second = await app.start(invoice)
    expect(second.id).not.toBe(first.id)
    expect(await second.result()).toBe(42)
    for (let minutes = 0; minutes < 5; minutes++) {
      server.clock.advance(60_000)
      await server.settled()
    }
    expect(server.records()).toEqual([])
  })

  test("holds for as long as the outcome is kept, long after the run was collected", async () => {
    const { server, client, work } = await memoryPlace()
    await work()
    const app = await client()
    const workflow = chain(double(1), double()).with({ key: "nightly" })
    const first = await app.start(workflow)
    await first.result()
    for (let minutes = 0; minutes < 50; minutes++) {
      server.clock.advance(60_000)
      await server.settled()
    }
    expect((await app.start(workflow)).id).toBe(first.id)
    expect(executionsOf(first.id)).toHaveLength(2)
  })

  test("a run is found by its key, from any process of its owner, for as long as it is kept", async () => {
    const { server, work } = await memoryPlace()
    const app = await clientFor(server.connect(), "1 second")
    const other = await clientFor(server.connect())
    expect(await app.find({ key: "invoice-4711" })).toBeUndefined()
    const first = await app.start(invoice)
    const found = await other.find({ key: "invoice-4711" }, double)
    expect(found?.id).toBe(first.id)
    expect(await found?.status()).toBe("pending")
    await work()
    expect(await found?.result()).toBe(42)
    const plain = await other.find({ key: "invoice-4711" })
    expect(await plain?.outcome()).toEqual({ _tag: "Succeeded", value: 42 })
    const built = await other.find({ key: "invoice-4711" }, () => invoice)
    expect(await built?.result()).toBe(42)
    expect(await other.find({ key: "invoice-4712" })).toBeUndefined()
    const bob = await clientOver(server.connect(), { owner: "bob" })
    onTestFinished(() => bob.close())
    expect(await bob.find({ key: "invoice-4711" })).toBeUndefined()
    await server.settled()
    server.clock.advance(2_000)
    await server.settled()
    expect(await other.find({ key: "invoice-4711" })).toBeUndefined()
  })

  test("what cannot be a key, or reads no run, is refused", async () => {
    const { client } = await memoryPlace()
    const app = await client()
    const find = app.find as (query: unknown, workflow?: unknown) => Promise<unknown>
    await expect(find({ key: "" })).rejects.toThrow("key is a text of 1 to 1000 characters")
    await expect(find({})).rejects.toThrow("find takes the key of a run: find({ key })")
    await expect(find("invoice-4711")).rejects.toThrow("find takes the key of a run: find({ key })")
    await expect(find({ id: "x", key: "k" })).rejects.toMatchObject({ _tag: "ContractError" })
    await expect(find({ key: "k" }, (n: number) => double(n))).rejects.toThrow(
      "the second argument of find builds a workflow from arguments"
    )
  })

  for (const fault of ["lost", "unanswered", "duplicate", "crash-after", "crash-before"] as const) {
    test(`a start that meets the fault "${fault}" at any call can be made again`, async () => {
      for (let at = 1; ; at++) {
        const { server, client, work } = await memoryPlace()
        const dying = server.connect({ name: "dying" })
        const app = await clientOver(dying)
        let calls = 0
        server.onCall = ({ connection }) =>
          connection === "dying" && ++calls === at ? fault : undefined
        const first = app.start(invoice).then(
          ({ id }) => id,
          () => undefined
        )
        await server.settled()
        server.onCall = undefined
        server.restart()
        await work()
        const other = await client()
        const run = await other.start(invoice)
        expect(await run.result()).toBe(42)
        expect(executionsOf(run.id)).toHaveLength(1)
        const settled = await Promise.race([first, server.settled()])
        if (typeof settled === "string") expect(settled).toBe(run.id)
        expect(server.records("memory.r.>")).toHaveLength(1)
        if (calls < at) break
      }
    })
  }
})

test("on a real server, over its restarts", { timeout: 40_000 }, async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const connect = () => connectNats({ servers: server.url, namespace: "keys" })
  const [app, other] = [await clientFor(await connect()), await clientFor(await connect())]
  const keys = Array.from({ length: 40 }, (_, at) => double(at).with({ key: `key ${at}` }))
  const ids = async (by: App) => (await Promise.all(keys.map((w) => by.start(w)))).map((r) => r.id)
  const [first, second] = await Promise.all([ids(app), ids(other)])
  expect(second).toEqual(first)
  server.kill()
  await server.restart()
  expect((await other.find({ key: "key 7" }, double))?.id).toBe(first[7])
  expect(await other.find({ key: "key 41" }, double)).toBeUndefined()
  expect(await ids(other)).toEqual(first)
  const broker = await connect()
  const worker = await workerOver(broker, [double])
  onTestFinished(() => worker.drain())
  expect(await Promise.all(keys.map((w) => app.run(w)))).toEqual(keys.map((_, at) => at * 2))
  await server.restart()
  expect(await ids(app)).toEqual(first)
  expect(await Promise.all(keys.map((w) => other.run(w)))).toEqual(keys.map((_, at) => at * 2))
  expect(await broker.readAll("keys.r.>")).toHaveLength(keys.length)
  for (const id of first) expect(executionsOf(id)).toHaveLength(1)
})
