/** A broker that is killed forgets what it handed out last, and hands it out again as if for the first time. */
import { expect, test } from "vitest"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import type { Broker, Delivery } from "../../src/broker/broker.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { record } from "../fixtures/tasks.ts"
import { brokerForTest, bytes, callOn, serverForTest } from "../nats/fixture.ts"

/** As after a loss of the connection: every call is a first delivery, and may be none. */
const doubting = (broker: Broker): Broker => ({
  ...broker,
  consume: (lane, deliver) =>
    broker.consume(lane, (delivery) => deliver({ ...delivery, doubtful: true }))
})

test("what has its outcome is not executed again", async () => {
  const server = memoryServer()
  const broker = server.connect()
  await using app = await clientOver(broker)
  const run = await app.start(record("once"))
  const [call] = server.records("memory.t.>")
  const worker = await workerOver(server.connect(), [record])
  expect(await run.result()).toBe("once")
  await worker.drain()
  const { subject, body } = call!
  await broker.publish({ subject, body })
  await using _ = await workerOver(doubting(server.connect()), [record])
  await expect.poll(() => server.records("memory.t.>")).toEqual([])
  expect(executionsOf(run.id)).toHaveLength(1)
})

test("calls stored before the connection was lost are doubtful, later ones are not", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const seen: Array<Delivery> = []
  const lane = { queue: "default", level: "0" }
  const consumption = await broker.consume(lane, (delivery) => seen.push(delivery))
  await broker.publish({ subject: callOn("default", "r1"), body: bytes("before") })
  const back = new Promise<void>((resolve) => void broker.onReconnect(resolve))
  await server.restart()
  await back
  consumption.pull(2)
  await expect.poll(() => seen.length).toBe(1)
  await broker.publish({ subject: callOn("default", "r2"), body: bytes("after") })
  await expect.poll(() => seen.length).toBe(2)
  expect(seen).toMatchObject([
    { subject: callOn("default", "r1"), deliveries: 1, doubtful: true },
    { subject: callOn("default", "r2"), deliveries: 1, doubtful: false }
  ])
})
