/** A rolling deploy on a real server: workers of version 1 are replaced one after another while both versions' clients start work. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { executedOf, v1, v2 } from "./versions.ts"

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server?.stop())

const calls = 400
const chains = 100

type Some = Workflow<void, unknown, unknown>

const numbers = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, at) => at)

const connect = (namespace: string) => connectNats({ servers: server.url, namespace })

/** Half of the work in each version, one after the other, as two clients would send it. */
const halves = (one: (at: number) => Some, other: (at: number) => Some, count: number) =>
  numbers(count).map((at) => (at % 2 === 0 ? one(at) : other(at)))

test("a field is added: nothing is lost, and whoever executes a call knows all of its fields", async () => {
  const older = await clientOver(await connect("added"))
  const newer = await clientOver(await connect("added"))
  const first = await workerOver(await connect("added"), Object.values(v1) as never)
  const second = await workerOver(await connect("added"), Object.values(v1) as never)
  const work = [
    ...halves(
      (price) => v1.bill({ price, name: "a" }),
      (price) => v2.bill({ price, name: "a", currency: "EUR" }),
      calls
    ),
    ...halves(
      (id) => chain(v1.order(id), v1.bill()),
      (id) => chain(v2.order(id), v2.bill()),
      chains
    )
  ]
  const start = (some: ReadonlyArray<Some>) =>
    Promise.all(some.map((workflow, at) => (at % 2 === 0 ? older : newer).start(workflow)))
  const before = await start(work.slice(0, work.length / 2))
  await first.drain()
  const third = await workerOver(await connect("added"), Object.values(v2) as never)
  const after = await start(work.slice(work.length / 2))
  await second.drain()
  const fourth = await workerOver(await connect("added"), Object.values(v2) as never)
  const runs = [...before, ...after]
  const outcomes = await Promise.all(runs.map((run) => run.outcome()))
  expect(outcomes.filter(({ _tag }) => _tag !== "Succeeded")).toEqual([])
  for (const run of runs) {
    for (const { version, input } of executedOf(run.id)) {
      // A field that only the newer version knows was never dropped by the older one.
      if (JSON.stringify(input).includes("currency")) expect(version).toBe(2)
    }
  }
  expect((await newer.deadLetters.list()).letters).toEqual([])
  await Promise.all([older.close(), newer.close(), third.drain(), fourth.drain()])
}, 60_000)

test("a field is renamed: each call is executed by the version that it was made with", async () => {
  const older = await clientOver(await connect("renamed"))
  const newer = await clientOver(await connect("renamed"))
  const first = await workerOver(await connect("renamed"), Object.values(v1) as never)
  const second = await workerOver(await connect("renamed"), Object.values(v1) as never)
  const start = async (from: number, to: number) => {
    const singles = numbers(calls).slice(from * calls, to * calls)
    const rows = numbers(chains).slice(from * chains, to * chains)
    const old = singles.map((price) => older.start(v1.print({ price, name: "a" })))
    const next = rows.map((id) => newer.start(chain(v2.label(id), v2.print())))
    const runs1 = await Promise.all(old)
    const runs2 = await Promise.all(next)
    return { runs1, runs2 }
  }
  const before = await start(0, 0.5)
  await first.drain()
  const third = await workerOver(await connect("renamed"), Object.values(v2) as never)
  const after = await start(0.5, 1)
  const runs1 = [...before.runs1, ...after.runs1]
  const runs2 = [...before.runs2, ...after.runs2]
  const outcomes = await Promise.all([...runs1, ...runs2].map((run) => run.outcome()))
  expect(outcomes.filter(({ _tag }) => _tag !== "Succeeded")).toEqual([])
  await second.drain()
  const fourth = await workerOver(await connect("renamed"), Object.values(v2) as never)
  const printed = (runs: ReadonlyArray<{ readonly id: string }>) =>
    runs.map(({ id }) => {
      const prints = executedOf(id).filter(({ task }) => task === "print")
      expect(prints).toHaveLength(1)
      expect(prints[0]!.attempt).toBe(1)
      return prints[0]!.version
    })
  expect(new Set(printed(runs1))).toEqual(new Set([1]))
  const withTitle = printed(runs2)
  expect(withTitle).toHaveLength(chains)
  for (const run of runs2) {
    const [label, print] = executedOf(run.id)
    // The step goes to the version that executed the one before.
    expect(print!.version).toBe(label!.version)
  }
  expect((await newer.deadLetters.list()).letters).toEqual([])
  await Promise.all([older.close(), newer.close(), third.drain(), fourth.drain()])
}, 60_000)

test("a task is removed: its calls wait for as long as patience lasts, and are listed", async () => {
  const older = await clientOver(await connect("removed"))
  const first = await workerOver(await connect("removed"), Object.values(v1) as never)
  const done = await older.start(v1.gone(1))
  expect((await done.outcome())._tag).toBe("Succeeded")
  await first.drain()
  const second = await workerOver(await connect("removed"), Object.values(v2) as never, {
    patience: "600 millis"
  })
  const runs = await Promise.all(numbers(10).map((at) => older.start(v1.gone(at))))
  const outcomes = await Promise.all(runs.map((run) => run.outcome()))
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ _tag: "Crashed", name: "UnknownTask" })
  }
  const { letters } = await older.deadLetters.list({ task: "deploy.gone" })
  expect(letters).toHaveLength(10)
  for (const run of runs) expect(executedOf(run.id)).toEqual([])
  await Promise.all([older.close(), second.drain()])
}, 60_000)
