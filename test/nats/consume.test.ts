/** Calls keep coming, each to one worker at a time, also across restarts and operators' accidents. */
import { connect } from "@nats-io/transport-node"
import { expect, test } from "vitest"
import type { Broker, Delivery } from "../../src/broker/broker.ts"
import { factsOf } from "../../src/nats/delivery.ts"
import { brokerForTest, bytes, callOn, namespace, serverForTest } from "./fixture.ts"

const lane = { queue: "q", level: "0" }
const consumer = "queue-q-0"

const call = (broker: Broker, run: string | number): Promise<unknown> =>
  broker.publish({ subject: callOn("q", `run${run}`), body: bytes(`${run}`) })

const calls = (broker: Broker, count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, run) => call(broker, run)))

const left = (broker: Broker): Promise<number> => broker.count(`${namespace}.t.>`)

test("what is not acked is handed out again, and what is extended is not", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { lease: 400 })
  const seen: Array<Delivery> = []
  const consumption = await broker.consume(lane, (delivery) => seen.push(delivery))
  consumption.pull(3)
  await call(broker, 1)
  await expect.poll(() => seen.length).toBe(1)
  const signs = setInterval(() => seen[0]!.extend(), 100)
  const extendedUntil = broker.now() + 1200
  await expect.poll(() => broker.now() > extendedUntil, { timeout: 5000 }).toBe(true)
  expect(seen.map(({ deliveries }) => deliveries)).toEqual([1])
  clearInterval(signs)
  await expect.poll(() => seen.length, { timeout: 5000 }).toBe(2)
  expect(seen.map(({ deliveries, fired }) => [deliveries, fired])).toEqual([
    [1, false],
    [2, false]
  ])
  expect(seen[1]!.at).toBe(seen[0]!.at)
  seen[1]!.ack()
  await expect.poll(() => left(broker)).toBe(0)
})

test("no more is handed out than there are slots, however they were asked for", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { pull: 600, beat: 200 })
  let seen = 0
  const consumption = await broker.consume(lane, (delivery) => {
    seen += 1
    delivery.ack()
  })
  for (let slot = 0; slot < 5; slot += 1) consumption.pull(1)
  await expect.poll(() => broker.waiting(lane)).toBe(1)
  consumption.pull(5)
  // Requests expire and are renewed for what they still owe.
  const renewed = broker.now() + 1500
  await expect.poll(() => broker.now() > renewed, { timeout: 5000 }).toBe(true)
  await calls(broker, 15)
  await expect.poll(() => left(broker)).toBe(5)
  expect(seen).toBe(10)
  consumption.pull(100)
  await expect.poll(() => seen).toBe(15)
})

test("what was asked for and not handed out stays for others after stop", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const other = await brokerForTest(server)
  const first = await broker.consume(lane, () => expect.unreachable("it was stopped"))
  first.pull(10)
  await expect.poll(() => broker.waiting(lane)).toBe(1)
  await first.stop()
  await calls(broker, 5)
  const seen: Array<number> = []
  const second = await other.consume(lane, (delivery) => {
    seen.push(delivery.deliveries)
    delivery.ack()
  })
  second.pull(10)
  await expect.poll(() => seen).toEqual([1, 1, 1, 1, 1])
  await second.stop()
})

test("a consumer deleted under a running worker is made again", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { pull: 2000, beat: 200 })
  const seen = new Set<string>()
  const consumption = await broker.consume(lane, (delivery) => {
    seen.add(delivery.subject)
    delivery.ack()
    consumption.pull(1)
  })
  consumption.pull(4)
  await calls(broker, 10)
  await expect.poll(() => seen.size).toBe(10)
  const operator = await connect({ servers: server.url })
  await operator.request(`$JS.API.CONSUMER.DELETE.arpeggio-shop.${consumer}`, "")
  await operator.close()
  await call(broker, "after")
  await expect.poll(() => seen.size, { timeout: 8000 }).toBe(11)
  await expect.poll(() => left(broker)).toBe(0)
})

test("what a deleted consumer had handed out comes again, and is doubtful", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { pull: 2000, beat: 200 })
  const seen: Array<Delivery> = []
  const consumption = await broker.consume(lane, (delivery) => seen.push(delivery))
  consumption.pull(5)
  await call(broker, "held")
  await expect.poll(() => seen.length).toBe(1)
  const operator = await connect({ servers: server.url })
  await operator.request(`$JS.API.CONSUMER.DELETE.arpeggio-shop.${consumer}`, "")
  await operator.close()
  await expect.poll(() => seen.length, { timeout: 8000 }).toBe(2)
  await call(broker, "new")
  await expect.poll(() => seen.length).toBe(3)
  expect(seen.map(({ deliveries }) => deliveries)).toEqual([1, 1, 1])
  expect(seen.map(({ doubtful }) => doubtful)).toEqual([false, true, false])
})

test("after a restart the lane goes on, and acks given meanwhile count", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  let reconnections = 0
  broker.onReconnect(() => {
    reconnections += 1
  })
  const seen: Array<Delivery> = []
  const consumption = await broker.consume(lane, (delivery) => seen.push(delivery))
  consumption.pull(5)
  await calls(broker, 2)
  await expect.poll(() => seen.length).toBe(2)
  const restarted = server.restart()
  for (const delivery of seen) delivery.ack()
  await restarted
  await call(broker, 3)
  await expect.poll(() => seen.length, { timeout: 8000 }).toBe(3)
  seen[2]!.ack()
  await expect.poll(() => left(broker)).toBe(0)
  expect(seen.map(({ deliveries }) => deliveries)).toEqual([1, 1, 1])
  expect(reconnections).toBe(1)
})

test("a server killed again and again loses no call", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { lease: 1000 })
  const seen = new Set<string>()
  const consumption = await broker.consume(lane, (delivery) => {
    seen.add(delivery.subject)
    delivery.ack()
    consumption.pull(1)
  })
  consumption.pull(5)
  for (const round of [1, 2, 3]) {
    const published = Promise.all(
      Array.from({ length: 50 }, (_, run) => call(broker, `${round}x${run}`))
    )
    server.kill()
    await server.restart()
    await published
  }
  await expect.poll(() => left(broker), { timeout: 10_000 }).toBe(0)
  expect(seen.size).toBe(150)
})

test("a lane says whether anybody waits on it", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  expect(await broker.waiting(lane)).toBe(0)
  const consumption = await broker.consume(lane, () => undefined)
  expect(await broker.waiting(lane)).toBe(0)
  consumption.pull(1)
  await expect.poll(() => broker.waiting(lane)).toBe(1)
  await call(broker, 1)
  await expect.poll(() => left(broker)).toBe(1)
  // Nobody asks now, but the call is out: the worker is busy.
  expect(await broker.waiting(lane)).toBe(1)
})

test("an operator's consumer is kept when it takes the same calls, and refused when not", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const operator = await connect({ servers: server.url })
  const create = (name: string, filter: string): Promise<unknown> =>
    operator.request(
      `$JS.API.CONSUMER.CREATE.arpeggio-shop.${name}.${filter}`,
      JSON.stringify({
        stream_name: "arpeggio-shop",
        config: { name, durable_name: name, filter_subject: filter, ack_policy: "explicit" }
      })
    )
  await create(consumer, `${namespace}.t.q.0.>`)
  await create("queue-r-0", `${namespace}.t.r.1.>`)
  await operator.close()
  const consumption = await broker.consume(lane, (delivery) => delivery.ack())
  consumption.pull(1)
  await call(broker, 1)
  await expect.poll(() => left(broker)).toBe(0)
  await expect(broker.consume({ queue: "r", level: "0" }, () => undefined)).rejects.toMatchObject({
    reason: "Misconfigured"
  })
})

test("the facts of a delivery are read from every form of its reply subject", () => {
  const at = 1_700_000_000_123
  const time = `${at}456789`
  const facts = { deliveries: 3, sequence: 10, at, time }
  expect(factsOf(`$JS.ACK.s.c.3.10.11.${time}.0`)).toEqual(facts)
  expect(factsOf(`$JS.ACK._.acc.s.c.3.10.11.${time}.0.random`)).toEqual(facts)
  expect(factsOf(`$JS.ACK.hub.acc.s.c.3.10.11.${time}.0`)).toEqual(facts)
})
