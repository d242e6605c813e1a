/** A write whose answer was lost is sent again in other words: its first copy may have been stored, taken and forgotten. */
import { connect } from "@nats-io/transport-node"
import { expect, onTestFinished, test } from "vitest"
import type { Delivery } from "../../src/broker/broker.ts"
import { brokerForTest, bytes, callOn, record, serverForTest, textOf } from "./fixture.ts"
import { proxyTo } from "./proxy.ts"

test("what is stored by a second try says so, also where the broker no longer knows the first", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const subject = callOn("q", "run1")
  const taken: Array<string | undefined> = []
  const consumption = await near.consume({ queue: "q", level: "0" }, (delivery) => {
    taken.push(textOf(delivery.body))
    delivery.ack()
  })
  consumption.pull(10)
  proxy.swallow()
  const answer = far.publish({
    subject,
    id: "m1",
    body: bytes("first"),
    bodyAgain: () => bytes("again")
  })
  await expect.poll(() => taken).toEqual(["first"])
  await expect.poll(() => near.read(subject)).toBeUndefined()
  // It forgets the ids of what is no longer there.
  await server.restart()
  proxy.cut()
  expect(await answer).toMatchObject({ stored: true })
  await expect.poll(() => taken, { timeout: 15_000 }).toEqual(["first", "again"])
})

test("a condition for repetitions is none for the first try, and holds for the second", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const subject = callOn("q2", "run2")
  const outcome = `${near.facts.namespace}.r._._._.app.aaaaaaaa.0000000000run2._._`
  const taken: Array<string | undefined> = []
  const consumption = await near.consume({ queue: "q2", level: "0" }, (delivery) => {
    taken.push(textOf(delivery.body))
    delivery.ack()
  })
  consumption.pull(10)
  await near.publish({ subject: outcome, body: bytes("there already") })
  proxy.swallow()
  const answer = far.publish({ subject, id: "m2", body: bytes("first"), unlessAgain: outcome })
  await expect.poll(() => taken).toEqual(["first"])
  await expect.poll(() => near.read(subject)).toBeUndefined()
  await server.restart()
  proxy.cut()
  expect(await answer).toEqual({ stored: false })
  expect(taken).toEqual(["first"])
})

test("a repeated write that is refused may have been stored by the first try", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const operator = await connect({ servers: server.url })
  onTestFinished(() => operator.close())
  const api = async (verb: string, body: object = {}) =>
    (await operator.request(`$JS.API.${verb}`, JSON.stringify(body))).json<{
      readonly config: object
    }>()
  const call = callOn("q3", "run3")
  const inner = record("run3")
  proxy.swallow()
  const unnamed = far
    .publish({ subject: call, body: bytes("call") })
    .catch((error: unknown) => error)
  const named = far.publish({ subject: inner, unless: inner, body: bytes("outcome") })
  await expect.poll(() => near.count("shop.>")).toBe(2)
  const { config } = await api("STREAM.INFO.arpeggio-shop")
  await api("STREAM.UPDATE.arpeggio-shop", { ...config, discard: "new", max_bytes: 1 })
  proxy.cut()
  expect(await unnamed).toMatchObject({
    reason: "Unknown",
    message: expect.stringContaining("may have been stored")
  })
  expect(await named).toEqual({ stored: true, duplicate: true })
})

test("acks from before a reconnection are for the records that were delivered, not for their numbers", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const operator = await connect({ servers: server.url })
  onTestFinished(() => operator.close())
  const api = async (verb: string, body: object = {}) =>
    (await operator.request(`$JS.API.${verb}`, JSON.stringify(body))).json<{
      readonly config: object
      readonly state: { readonly messages: number }
    }>()
  const far = await brokerForTest(proxy)
  const taken: Array<Delivery> = []
  const consumption = await far.consume({ queue: "q4", level: "0" }, (delivery) =>
    taken.push(delivery)
  )
  consumption.pull(2)
  await far.publish({ subject: callOn("q4", "run1"), body: bytes("done") })
  await far.publish({ subject: callOn("q4", "run2"), body: bytes("under way") })
  await expect.poll(() => taken).toHaveLength(2)
  taken[0]!.ack()
  await expect.poll(async () => (await api("STREAM.INFO.arpeggio-shop")).state.messages).toBe(1)
  const { config } = await api("STREAM.INFO.arpeggio-shop")
  const consumer = (await api("CONSUMER.INFO.arpeggio-shop.queue-q4-0")).config
  const back = proxy.away()
  // As a server that has come back without what it had stored last, and has stored other things since.
  await api("STREAM.DELETE.arpeggio-shop")
  await api("STREAM.CREATE.arpeggio-shop", config)
  const again = { stream_name: "arpeggio-shop", config: consumer }
  const remade = await api("CONSUMER.CREATE.arpeggio-shop.queue-q4-0.shop.t.q4.0.>", again)
  expect(remade).not.toHaveProperty("error")
  for (const run of ["run7", "run8", "run9"]) await operator.request(callOn("q4", run), "new")
  consumption.pull(3)
  back()
  await expect.poll(() => taken.length, { timeout: 10_000 }).toBe(5)
  taken[1]!.ack()
  // What was sent before is handled before.
  for (let more = 0; more < 3; more += 1) await far.read(callOn("q4", "run7"))
  expect(await far.count("shop.t.>")).toBe(3)
  for (const delivery of taken.slice(2)) delivery.ack()
  await expect.poll(() => far.count("shop.t.>")).toBe(0)
}, 30_000)

test("a server that says nothing is left, also with much on its way to it", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  process.kill(server.pid, "SIGSTOP")
  let running = true
  const wake = (): void => {
    if (running) process.kill(server.pid, "SIGCONT")
    running = false
  }
  onTestFinished(wake)
  const body = new Uint8Array(900_000)
  const writing = Array.from({ length: 40 }, (_, at) =>
    broker.publish({ subject: record(`run${at}`), unless: record(`run${at}`), body })
  )
  await expect
    .poll(async () => (await broker.health()).connection.connected, { timeout: 15_000 })
    .toBe(false)
  wake()
  const stored = await Promise.all(writing)
  expect(stored.every((published) => published.stored)).toBe(true)
}, 60_000)
