/** A worker can be connected and take nothing from a queue: the server says nothing, refuses, or has no consumer. */
import { connect } from "@nats-io/transport-node"
import { describe, expect, onTestFinished, test } from "vitest"
import { clientAt, double, namespace, workerAt } from "../facts/place.ts"
import { serverForTest } from "../nats/fixture.ts"
import { appears, goes } from "./appears.ts"

const stream = `arpeggio-${namespace}`
const consumer = "queue-default-0"
const filter = `${namespace}.t.default.0.>`
const settings = {
  name: consumer,
  durable_name: consumer,
  filter_subject: filter,
  ack_policy: "explicit"
}

const operatorAt = async (url: string, user: { user?: string; pass?: string } = {}) => {
  const operator = await connect({ servers: url, ...user })
  onTestFinished(() => operator.close())
  const api = (verb: string, body: object = {}): Promise<unknown> =>
    operator.request(`$JS.API.${verb}`, JSON.stringify(body))
  return {
    remove: () => api(`CONSUMER.DELETE.${stream}.${consumer}`),
    make: (more: object = {}) =>
      api(`CONSUMER.CREATE.${stream}.${consumer}.${filter}`, {
        stream_name: stream,
        config: { ...settings, ...more }
      })
  }
}

const me = { authentication: { user: "me", pass: "p" } }
const mayNot = (subject: string): string =>
  `authorization { users: [{ user: me, password: p, permissions: { publish: { deny: "${subject}" } } }] }`

describe("the server does not answer when calls are asked for", () => {
  test("because this user may not ask", async () => {
    const server = await serverForTest({ configuration: mayNot("$JS.API.CONSUMER.MSG.NEXT.>") })
    const worker = await workerAt(server, [double], { beat: 100, pull: 1_000 }, me)
    const sentence = await appears(
      worker,
      /no calls are taken from queue "default": the server has said nothing about it for .* s/
    )
    expect(sentence).toContain(`may this user publish to $JS.API.CONSUMER.MSG.NEXT.${stream}`)
    const { connection, lanes } = await worker.health()
    expect(connection.connected).toBe(true)
    expect(lanes.map(({ pulledAt }) => pulledAt)).toEqual([undefined, undefined])
    await server.reload(mayNot("nothing"))
    await goes(worker, "no calls are taken", 10_000)
  })

  test("because the consumer has no room for another request", async () => {
    const server = await serverForTest()
    const worker = await workerAt(server, [double], { beat: 100, pull: 500 })
    const app = await clientAt(server)
    expect(await app.run(double(1))).toBe(2)
    const health = await worker.health()
    expect(health).toMatchObject({ ok: true, problems: [], busy: 0, state: "working" })
    expect(health.lanes.map(({ queue, slots, full }) => [queue, slots, full])).toEqual([
      ["_", 16, false],
      ["default", 20, false]
    ])
    // An idle pull is confirmed beat by beat.
    const pulledLately = async (): Promise<boolean> =>
      (await worker.health()).lanes.every(({ pulledAt = 0 }) => Date.now() - pulledAt < 1_000)
    await expect.poll(pulledLately).toBe(true)
    const operator = await operatorAt(server.url)
    await operator.remove()
    await operator.make({ max_waiting: 1 })
    const other = await workerAt(server, [double], { beat: 100, pull: 5_000 })
    const both = {
      health: async () => {
        const [first, second] = await Promise.all([worker.health(), other.health()])
        return first.ok ? second : first
      }
    }
    await appears(both, "room for another request (max_waiting)", 30_000)
    await operator.remove()
    await goes(worker, "max_waiting")
    await goes(other, "max_waiting")
  }, 60_000)
})

test("the server refuses to hand out calls", async () => {
  const server = await serverForTest()
  // Creates the stream.
  await clientAt(server)
  const operator = await operatorAt(server.url)
  await operator.make({ max_batch: 5 })
  const worker = await workerAt(server, [double], { beat: 200 })
  await appears(worker, "the server refuses to hand out calls: 409 Exceeded MaxRequestBatch of 5")
  await operator.remove()
  await goes(worker, "refuses")
})

test("the consumer of a queue is gone and cannot be made again", async () => {
  const server = await serverForTest({ configuration: mayNot("nothing") })
  const worker = await workerAt(server, [double], { beat: 200, attempt: 500, overall: 1_000 }, me)
  await server.reload(
    `authorization { users: [
      { user: me, password: p, permissions: { publish: { deny: "$JS.API.CONSUMER.CREATE.>" } } }
      { user: operator, password: p }
    ] }`
  )
  const operator = await operatorAt(server.url, { user: "operator", pass: "p" })
  await operator.remove()
  await appears(worker, `no calls are taken from queue "default": creating the consumer`, 10_000)
  await server.reload(mayNot("nothing"))
  await goes(worker, "no calls are taken", 10_000)
}, 30_000)
