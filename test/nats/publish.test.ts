/** What is stored stays stored once, whatever happens to the server and the connection. */
import { expect, test } from "vitest"
import {
  brokerForTest,
  bytes,
  callOn,
  namespace,
  record,
  serverForTest,
  textOf,
  timerOf
} from "./fixture.ts"
import { proxyTo } from "./proxy.ts"

test("the first of two wins", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const subject = record("run1")
  const write = (text: string) => broker.publish({ subject, body: bytes(text), unless: subject })
  expect(await write("first")).toEqual({ stored: true, duplicate: false })
  expect(await write("second")).toEqual({ stored: false })
  expect(textOf((await broker.read(subject))?.body)).toBe("first")
})

test("a follower is refused once its scope has an outcome, and an id is stored once", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const follower = (run: string) => ({
    subject: callOn("q", run),
    body: bytes(run),
    id: run,
    unless: record("scope")
  })
  expect(await broker.publish(follower("run1"))).toEqual({ stored: true, duplicate: false })
  expect(await broker.publish(follower("run1"))).toEqual({ stored: true, duplicate: true })
  await broker.publish({ subject: record("scope"), body: bytes("failed") })
  expect(await broker.publish(follower("run2"))).toEqual({ stored: false })
})

test("a record is forgotten after its time to live, in whole seconds", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  await broker.publish({ subject: record("run1"), body: bytes("short"), ttl: 300 })
  await broker.publish({ subject: record("run2"), body: bytes("long"), ttl: 60_000 })
  await expect.poll(() => broker.read(record("run1")), { timeout: 8000 }).toBeUndefined()
  expect(await broker.read(record("run2"))).toBeDefined()
})

test("the last publication of a timer fires, not early, and takes the timer away", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const fire = { time: broker.now() + 400, target: callOn("q", "run1") }
  await broker.publish({ subject: timerOf("run1"), body: bytes("old"), fire: { ...fire, time: 0 } })
  await broker.publish({ subject: timerOf("run1"), body: bytes("new"), fire })
  expect(await broker.count(`${namespace}.s.>`)).toBe(1)
  await expect.poll(() => broker.count(`${namespace}.t.>`), { timeout: 8000 }).toBe(1)
  const fired = await broker.read(fire.target)
  expect(textOf(fired?.body)).toBe("new")
  expect(fired!.at).toBeGreaterThanOrEqual(Math.floor(fire.time))
  await expect.poll(() => broker.count(`${namespace}.s.>`)).toBe(0)
})

test("too much for one message is refused before it is sent, with both sizes", async () => {
  const server = await serverForTest({ configuration: "max_payload: 8192" })
  const broker = await brokerForTest(server)
  const subject = record("run1")
  const body = new Uint8Array(9000)
  await expect(broker.publish({ subject, body })).rejects.toMatchObject({
    reason: "TooLarge",
    message: expect.stringMatching(/9000 bytes.*8192/)
  })
  expect(broker.facts.maxBytes).toBeLessThan(8192)
  const fits = { subject, body: new Uint8Array(broker.facts.maxBytes), unless: subject }
  expect(await broker.publish(fits)).toMatchObject({ stored: true })
})

test("a server killed in the middle of many publications stores each once", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { attempt: 1000 })
  const total = 3000
  let answered = 0
  const write = async (node: number): Promise<void> => {
    const subject = record("run1", node)
    const answer = await broker.publish({ subject, body: bytes(`${node}`), unless: subject })
    expect(answer.stored).toBe(true)
    answered += 1
  }
  const writes: Array<Promise<void>> = []
  for (let node = 0; node < total; node += 1) {
    writes.push(write(node))
    if (node % 100 === 0)
      await expect.poll(() => answered, { interval: 1 }).toBeGreaterThan(node / 2)
    if (node === 1500) server.kill()
    if (node === 1510) break
  }
  const restarted = server.restart()
  for (let node = writes.length; node < total; node += 1) writes.push(write(node))
  await Promise.all([restarted, ...writes])
  expect(await broker.count(`${namespace}.i.>`)).toBe(total)
})

test("a retry refused because of its own lost first try was stored", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const subject = record("run1")
  proxy.swallow()
  const answer = far.publish({ subject, body: bytes("mine"), unless: subject })
  await expect.poll(() => near.read(subject)).toBeDefined()
  proxy.cut()
  expect(await answer).toEqual({ stored: true, duplicate: true })
})

test("a retry refused because of somebody else was not stored", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const subject = record("run1")
  await near.publish({ subject, body: bytes("theirs"), unless: subject })
  proxy.swallow()
  const answer = far.publish({ subject, body: bytes("mine"), unless: subject })
  proxy.cut()
  expect(await answer).toEqual({ stored: false })
})

test("an answer that never comes leaves it unknown; what was never sent is known not to be stored", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const broker = await brokerForTest(proxy, { attempt: 200, overall: 600 })
  proxy.swallow()
  const body = bytes("?")
  await expect(broker.publish({ subject: record("run1"), body })).rejects.toMatchObject({
    reason: "Unknown"
  })
  await server.stop()
  proxy.cut()
  await expect
    .poll(
      () =>
        broker.publish({ subject: record("run2"), body }).then(
          () => "stored",
          (error: { reason: string }) => error.reason
        ),
      { timeout: 10_000 }
    )
    .toBe("Unreachable")
})

test("a deleted stream is not created again in silence", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { leaderless: 300 })
  const { connect } = await import("@nats-io/transport-node")
  const operator = await connect({ servers: server.url })
  await operator.request("$JS.API.STREAM.DELETE.arpeggio-shop", "{}")
  await operator.close()
  const body = bytes("x")
  await expect(broker.publish({ subject: record("run1"), body })).rejects.toMatchObject({
    reason: "Gone"
  })
  await expect(broker.read(record("run1"))).rejects.toMatchObject({ reason: "Gone" })
})

test("a batch whose answer was lost is known for our own, and one of somebody else's is not", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const pair = (key: string, body: string, at: number) => [
    { subject: record(key), body: bytes(body), unless: record(key) },
    { subject: callOn("q", `${key}${at}`), body: bytes(body) }
  ]
  proxy.swallow()
  const answer = far.publishTogether(pair("key1", "mine", 1))
  await expect.poll(() => near.read(record("key1"))).toBeDefined()
  proxy.cut()
  expect(await answer).toEqual({ stored: true, duplicate: true })
  expect(await near.count(`${namespace}.t.>`)).toBe(1)
  proxy.swallow()
  await near.publishTogether(pair("key2", "theirs", 2))
  const late = far.publishTogether(pair("key2", "mine", 3))
  proxy.cut()
  expect(await late).toEqual({ stored: false })
  expect(await near.count(`${namespace}.t.>`)).toBe(2)
})

test("a server killed in the middle of many batches stores each whole or not at all", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { attempt: 1000 })
  const total = 300
  const write = async (at: number): Promise<boolean> => {
    const key = { subject: record("run1", at), body: bytes(`${at}`), unless: record("run1", at) }
    const call = { subject: callOn("q", `batch${at}`), body: bytes(`${at}`) }
    return (await broker.publishTogether([key, call])).stored
  }
  const writes = Array.from({ length: total }, (_, at) => write(at))
  await expect
    .poll(() => broker.count(`${namespace}.i.>`), { interval: 1 })
    .toBeGreaterThan(total / 10)
  server.kill()
  await server.restart()
  expect(await Promise.all(writes)).toEqual(writes.map(() => true))
  expect(await broker.count(`${namespace}.i.>`)).toBe(total)
  expect(await broker.count(`${namespace}.t.>`)).toBe(total)
})
