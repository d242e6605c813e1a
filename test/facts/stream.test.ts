/** Facts about the stream and its consumers that lose work where nobody looks: limits, delivery counts, forgotten message ids. */
import { connect } from "@nats-io/transport-node"
import { expect, test } from "vitest"
import { connectNats } from "../../src/nats/broker.ts"
import { brokerForTest, bytes, callOn, record, serverForTest } from "../nats/fixture.ts"

const name = "arpeggio-shop"
const lane = { queue: "q", level: "0" }

const limits: ReadonlyArray<readonly [field: string, limit: object]> = [
  ["max_msgs", { max_msgs: 20 }],
  ["max_age", { max_age: 3_600_000_000_000 }],
  ["max_msgs_per_subject", { max_msgs_per_subject: 1 }]
]

for (const [field, limit] of limits) {
  test(`${field} with discard old silently deletes acknowledged work: such a stream is refused`, async () => {
    const server = await serverForTest()
    const broker = await brokerForTest(server)
    const operator = await connect({ servers: server.url })
    const info = await operator.request(`$JS.API.STREAM.INFO.${name}`, "")
    const { config } = info.json<{ config: object }>()
    await operator.request(`$JS.API.STREAM.UPDATE.${name}`, JSON.stringify({ ...config, ...limit }))
    await operator.close()
    await expect(connectNats({ servers: server.url, namespace: "shop" })).rejects.toMatchObject({
      reason: "Misconfigured",
      message: expect.stringContaining(`${field} is set and must not be`)
    })
    await broker.close()
  })
}

test("past max_deliver a call would be stuck for ever: it is handed out as often as it takes", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, { lease: 200, beat: 200 })
  const deliveries: Array<number> = []
  const consumption = await broker.consume(lane, (delivery) => {
    deliveries.push(delivery.deliveries)
    if (delivery.deliveries === 8) delivery.ack()
  })
  consumption.pull(100)
  await broker.publish({ subject: callOn("q", "run1"), body: bytes("again") })
  await expect.poll(() => deliveries, { timeout: 10_000 }).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  const operator = await connect({ servers: server.url })
  const info = await operator.request(`$JS.API.CONSUMER.INFO.${name}.queue-q-0`, "")
  expect(info.json()).toMatchObject({ config: { max_deliver: -1, ack_policy: "explicit" } })
  await operator.close()
})

test("a message id is forgotten over a restart once its call was acked: only the outcome's place refuses a second start", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const start = { subject: callOn("q", "run1"), body: bytes("start"), id: "run1.start" }
  const acked = new Promise<void>((resolve) => {
    void broker
      .consume(lane, (delivery) => {
        delivery.ack()
        resolve()
      })
      .then((consumption) => consumption.pull(1))
  })
  await broker.publish(start)
  await acked
  await expect.poll(() => broker.count("shop.t.>")).toBe(0)
  const outcome = record("run1")
  await broker.publish({ subject: outcome, body: bytes("outcome"), unless: outcome })
  await server.restart()
  // The fact, and what is done about it.
  expect(await broker.publish({ ...start, unless: outcome })).toEqual({ stored: false })
  expect(await broker.publish(start)).toEqual({ stored: true, duplicate: false })
})
