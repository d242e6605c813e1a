/** Many starts in one go: in order, and each with what became of it. */
import * as Schema from "effect/Schema"
import { afterEach, expect, test } from "vitest"
import { CompositionError, ContractError, KeyTaken, task, BrokerError } from "arpeggio"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

const double = task("many.double", { input: [Schema.Finite], output: Schema.Finite }, (x) => x * 2)
const shout = task("many.shout", { input: [Schema.String], output: Schema.String }, (text) =>
  text.toUpperCase()
)
const open: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const start = async (clock: "real" | "manual" = "real") => {
  const server = memoryServer({ clock })
  const app = await clientOver(server.connect({ name: "client" }))
  open.push(() => app.close())
  const work = async () => {
    const worker = await workerOver(server.connect(), [double, shout])
    open.push(() => worker.drain())
  }
  return { server, app, work }
}

test("all are started, in the order of the list, before anybody works", async () => {
  const { server, app, work } = await start()
  const numbers = Array.from({ length: 2_500 }, (_, at) => at)
  const started = await app.startAll(numbers.map((x) => double(x)))
  const { records } = await server.connect().page("memory.t.>", 10_000)
  expect(records.map(({ subject }) => subject.split(".")[7])).toEqual(
    started.map(({ run }) => run?.id.split("-")[2])
  )
  await work()
  const results = await Promise.all(started.map(({ run }) => run?.result()))
  expect(results).toEqual(numbers.map((x) => x * 2))
})

test("one that is refused is no matter of the others", async () => {
  const { app, work } = await start()
  await work()
  await app.start(double(1).with({ key: "taken" }))
  const [one, taken, none, text] = await app.startAll([
    double(4),
    double(2).with({ key: "taken" }),
    undefined as never,
    shout("x")
  ])
  expect(await one.run?.result()).toBe(8)
  expect(taken.error).toBeInstanceOf(KeyTaken)
  expect(none.error).toBeInstanceOf(CompositionError)
  expect(none.error?.message).toBe(
    "startAll's workflow 3 is not a workflow but undefined: call a task, for example add(4, 2)"
  )
  expect(await text.run?.result()).toBe("X")
  expect(taken.error?.stack).toContain("many.test.ts")
})

test("`within` is for all together: what was not sent by then says so", async () => {
  const { server, app } = await start("manual")
  let asked = 0
  server.onCall = ({ connection, verb }) =>
    connection === "client" && verb === "publish" && ++asked === 2 ? "lost" : undefined
  const starting = app.startAll([double(1), double(2)], { within: "200 millis" })
  await server.settled()
  server.clock.advance(200)
  const [first, second] = await starting
  expect(first.run).toBeDefined()
  expect(second.error).toBeInstanceOf(BrokerError)
})

test("on a server they are stored in the order of the list, too, and attached to from elsewhere", async () => {
  const nats = await startNatsServer()
  open.push(() => nats.stop())
  const connect = () => connectNats({ servers: nats.url, namespace: "many" })
  const broker = await connect()
  const app = await clientOver(broker)
  open.unshift(() => broker.close())
  const numbers = Array.from({ length: 1_500 }, (_, at) => at)
  const started = await app.startAll(numbers.map((x) => double(x)))
  const first = await broker.page("many.t.>", 1_000)
  const { records } = await broker.page("many.t.>", 1_000, first.next)
  const stored = [...first.records, ...records].map(({ subject }) => subject.split(".")[7])
  expect(stored).toEqual(started.map(({ run }) => run?.id.split("-")[2]))
  await using _worker = await workerOver(await connect(), [double])
  await using other = await clientOver(await connect())
  const results = started.map(({ run }) => other.attach(run!.id).result())
  expect(await Promise.all(results)).toEqual(numbers.map((x) => x * 2))
})

test("what is no list, and options that are none, are refused as a whole", async () => {
  const { app } = await start()
  await expect(app.startAll(double(1) as never)).rejects.toThrow(ContractError)
  await expect(app.startAll([double(1)], { withn: 1 } as never)).rejects.toThrow(
    "startAll: there is no option withn. The nearest is within"
  )
  expect(await app.startAll([])).toEqual([])
})
