/** A server ends the connection of whoever has more on its way than `max_pending`; nothing here ever has. */
import { expect, test } from "vitest"
import type { Broker, Delivery } from "../../src/broker/broker.ts"
import { brokerForTest, callOn, namespace, record, serverForTest } from "./fixture.ts"
import { proxyTo } from "./proxy.ts"

const kilobytes = (count: number): Uint8Array => new Uint8Array(count * 1024).fill(97)

const blockFor = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

const cutsOf = (broker: Broker): { readonly count: number } => {
  const cuts = { count: 0 }
  broker.onReconnect(() => {
    cuts.count += 1
  })
  return cuts
}

const store = async (
  broker: Broker,
  count: number,
  subjectOf: (at: number) => string,
  body: Uint8Array
): Promise<void> => {
  const all = Array.from({ length: count }, (_, at) =>
    broker.publish({ subject: subjectOf(at), body })
  )
  await Promise.all(all)
}

/** Takes as many calls as are asked for, and acks each at once. */
const taking = async (
  broker: Broker,
  queue: string,
  slots: number,
  work: () => void = () => {}
): Promise<ReadonlyArray<Delivery>> => {
  const got: Array<Delivery> = []
  const consumption = await broker.consume({ queue, level: "0" }, (delivery) => {
    got.push(delivery)
    work()
    delivery.ack()
  })
  consumption.pull(slots)
  return got
}

test("400 slots ask for calls of 250 KB, and the process is slow", async () => {
  const server = await serverForTest({ configuration: "max_pending: 24MB" })
  const writer = await brokerForTest(server)
  await store(writer, 400, (at) => callOn("many", `run${at}`), kilobytes(250))
  const broker = await brokerForTest(server)
  const cuts = cutsOf(broker)
  const got = await taking(broker, "many", 400, () => blockFor(5))
  await expect.poll(() => got.length, { timeout: 30_000 }).toBe(400)
  expect(got.filter(({ deliveries }) => deliveries > 1)).toEqual([])
  expect(cuts.count).toBe(0)
}, 60_000)

test("400 records of 250 KB are read at once, and the process is slow", async () => {
  const server = await serverForTest({ configuration: "max_pending: 40MB" })
  const broker = await brokerForTest(server)
  await store(broker, 400, (at) => record("run1", at), kilobytes(250))
  const cuts = cutsOf(broker)
  const reads = Array.from({ length: 400 }, async (_, at) => {
    const stored = await broker.read(record("run1", at))
    blockFor(2)
    return stored?.body.length
  })
  setImmediate(() => blockFor(500))
  expect(new Set(await Promise.all(reads))).toEqual(new Set([250 * 1024]))
  const all = await Promise.all(
    Array.from({ length: 4 }, () => broker.readAll(`${namespace}.i._._._.app.i1.run1.>`))
  )
  expect(all.map((records) => records.length)).toEqual(Array.from({ length: 4 }, () => 400))
  expect(cuts.count).toBe(0)
}, 60_000)

test("parts of large values do not keep a small record waiting", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  await store(broker, 40, (at) => record("run1", at), kilobytes(250))
  await broker.publish({ subject: record("small"), body: kilobytes(1) })
  const part = { bytes: 250 * 1024, large: true }
  let left = 1_600
  const reads = Array.from({ length: left }, async (_, at) => {
    await broker.read(record("run1", at % 40), undefined, part)
    left -= 1
  })
  await broker.read(record("small"))
  // The window of parts is full, and the rest of them is not even asked for.
  expect(left).toBeGreaterThan(1_400)
  await Promise.all(reads)
}, 60_000)

test("with 50 queues a call that is larger than a queue's share is taken", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const queues = Array.from({ length: 50 }, (_, at) => `queue${at}`)
  const taken = await Promise.all(queues.map((queue) => taking(broker, queue, 10)))
  const writer = await brokerForTest(server)
  const began = performance.now()
  await store(writer, 50, (at) => callOn(`queue${at}`, "large"), kilobytes(500))
  await store(writer, 50, (at) => callOn(`queue${at}`, "small"), kilobytes(1))
  await expect
    .poll(() => taken.filter((got) => got.length === 2).length, { timeout: 20_000 })
    .toBe(50)
  // Not by a request that ran out, nor by a lease.
  expect(performance.now() - began).toBeLessThan(15_000)
  expect(taken.flat().filter(({ deliveries }) => deliveries > 1)).toEqual([])
  expect((await broker.health()).problems).toEqual([])
}, 60_000)

test("a call of 7 MB is taken where the server allows such", async () => {
  const server = await serverForTest({ configuration: "max_payload: 8MB" })
  const broker = await brokerForTest(server)
  const got = await taking(broker, "huge", 4)
  const writer = await brokerForTest(server)
  await writer.publish({ subject: callOn("huge", "run1"), body: kilobytes(7 * 1024) })
  await writer.publish({ subject: callOn("huge", "run2"), body: kilobytes(1) })
  await expect.poll(() => got.map(({ body }) => body.length)).toEqual([7 * 1024 * 1024, 1024])
  // And all is well afterwards.
  await store(writer, 2, (at) => callOn("huge", `later${at}`), kilobytes(1))
  await expect.poll(() => got.length).toBe(4)
}, 30_000)

test("a call that was queued larger than the server takes by now is taken", async () => {
  const server = await serverForTest({ configuration: "max_payload: 8MB" })
  const writer = await brokerForTest(server)
  await writer.publish({ subject: callOn("old", "run1"), body: kilobytes(3 * 1024) })
  await server.restart("max_payload: 64KB")
  const broker = await brokerForTest(server)
  const got = await taking(broker, "old", 1)
  await expect.poll(() => got.length).toBe(1)
}, 30_000)

test("a small record is stored before the parts of a large value that came first", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  let left = 400
  const stores = Array.from({ length: left }, async (_, at) => {
    await broker.publish({ subject: record("run1", at), body: kilobytes(250), part: true })
    left -= 1
  })
  await broker.publish({ subject: record("other"), body: kilobytes(1) })
  expect(left).toBeGreaterThan(300)
  await Promise.all(stores)
  expect(await broker.count(`${namespace}.i.>`)).toBe(401)
}, 60_000)

test("what a process says last does not wait for what is on its way", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const broker = await brokerForTest(proxy)
  const witness = await brokerForTest(server)
  proxy.swallow()
  const publish = (at: number, size: number, last = false): void => {
    broker.publish({ subject: record("run1", at), body: kilobytes(size), last }).catch(() => {})
  }
  // More than may be on its way.
  for (let at = 0; at < 40; at++) publish(at, 500)
  publish(40, 1)
  publish(41, 1, true)
  broker.flush()
  await expect.poll(() => witness.read(record("run1", 41)), { timeout: 10_000 }).toBeDefined()
  expect(await witness.read(record("run1", 40))).toBeUndefined()
}, 60_000)
