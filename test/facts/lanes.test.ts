/** Fact: a worker can be alive and take nothing: health says for every queue when it was last pulled from. */
import { connect } from "@nats-io/transport-node"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { step, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { serverForTest } from "../transport/nats-fixture.ts"
import { clientAt, double, namespace, workerAt } from "./place.ts"

test("a pull loop that nobody answers is a problem, although the connection stands", async () => {
  const server = await serverForTest({
    configuration: `authorization { users: [{ user: me, password: p, permissions: { publish: { deny: "$JS.API.CONSUMER.MSG.NEXT.>" } } }] }`
  })
  const worker = await workerAt(
    server,
    [double],
    { beat: 100, pull: 1_000 },
    { authentication: { user: "me", pass: "p" } }
  )
  await expect.poll(async () => (await worker.health()).ok, { timeout: 5_000 }).toBe(false)
  const { problems, connection, lanes } = await worker.health()
  expect(connection.connected).toBe(true)
  expect(problems.join("\n")).toMatch(
    /no calls are taken from queue "default": the server has said nothing about it for .* s/
  )
  expect(lanes.map(({ pulledAt }) => pulledAt)).toEqual([undefined, undefined])
})

test("requests that a consumer drops in silence are a problem of whoever is left out", async () => {
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
  const operator = await connect({ servers: server.url })
  const api = (verb: string, body: object = {}): Promise<unknown> =>
    operator.request(`$JS.API.${verb}`, JSON.stringify(body))
  const stream = `arpeggio-${namespace}`
  await api(`CONSUMER.DELETE.${stream}.queue-default-0`)
  const filter = `${namespace}.t.default.0.>`
  const config = {
    name: "queue-default-0",
    durable_name: "queue-default-0",
    filter_subject: filter,
    ack_policy: "explicit",
    max_waiting: 1
  }
  await api(`CONSUMER.CREATE.${stream}.queue-default-0.${filter}`, { stream_name: stream, config })
  const other = await workerAt(server, [double], { beat: 100, pull: 5_000 })
  const both = async (): Promise<string> =>
    [...(await worker.health()).problems, ...(await other.health()).problems].join("\n")
  await expect.poll(both, { timeout: 8_000 }).toContain("room for another request (max_waiting)")
  await operator.close()
})

test("a consumer that refuses every request is a problem in the server's words", async () => {
  const server = await serverForTest()
  // Creates the stream.
  await clientAt(server)
  const operator = await connect({ servers: server.url })
  const filter = `${namespace}.t.default.0.>`
  const name = "queue-default-0"
  const config = { name, durable_name: name, filter_subject: filter, ack_policy: "explicit" }
  const limited = { stream_name: `arpeggio-${namespace}`, config: { ...config, max_batch: 5 } }
  await operator.request(
    `$JS.API.CONSUMER.CREATE.arpeggio-${namespace}.${name}.${filter}`,
    JSON.stringify(limited)
  )
  await operator.close()
  const worker = await workerAt(server, [double], { beat: 200 })
  await expect
    .poll(async () => (await worker.health()).problems.join(), { timeout: 5_000 })
    .toContain("the server refuses to hand out calls: 409 Exceeded MaxRequestBatch of 5")
})

test("a worker without free slots is no problem, and says so", async () => {
  let finish: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    finish = resolve
  })
  const hold = task("facts.hold", { input: [Schema.Finite], output: Schema.Finite }, async (x) => {
    await held
    return x
  })
  const server = memoryServer()
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), [hold], { concurrency: 2 })
  const runs = await Promise.all([app.start(hold(1)), app.start(hold(2))])
  await expect.poll(async () => (await worker.health()).busy).toBe(2)
  const health = await worker.health()
  expect(health).toMatchObject({ ok: true, leases: 2 })
  expect(health.notes.join()).toContain('queue "default": all 2 slots are busy')
  finish()
  await Promise.all(runs.map((run) => run.result()))
  await expect.poll(async () => (await worker.health()).notes).toEqual([])
  await worker.drain()
  expect(await worker.health()).toMatchObject({ ok: false, state: "drained" })
  await app.close()
  expect(JSON.parse(JSON.stringify(health))).toEqual(health)
})

test("a worker whose process was cut off is red", async () => {
  const server = memoryServer()
  const broker = server.connect()
  const worker = await workerOver(broker, [double])
  expect((await worker.health()).ok).toBe(true)
  server.crash(broker)
  expect((await worker.health()).ok).toBe(false)
})

test("a value that comes too late is counted and logged, and so is a lease lost to another worker", async () => {
  const lines: Array<string> = []
  const began: Array<string> = []
  let finish: (value: string) => void = () => {}
  const answer = new Promise<string>((resolve) => (finish = resolve))
  const slow = task("facts.slow", { input: [Schema.Finite], output: Schema.String }, async () => {
    const { worker } = step()
    began.push(worker)
    return began.length === 1 ? answer : "the second"
  })
  const server = memoryServer({ lease: 1_000 })
  const app = await clientOver(server.connect())
  // It does not hear that its call was taken over.
  server.onCall = ({ verb, subject }) =>
    verb === "hear" && subject.includes("taken") ? "lost" : undefined
  const first = await workerOver(server.connect(), [slow], { print: (line) => lines.push(line) })
  const run = await app.start(slow(1))
  await expect.poll(() => began).toHaveLength(1)
  const second = await workerOver(server.connect(), [slow])
  server.clock.advance(1_500)
  expect(await run.result()).toBe("the second")
  finish("the first, too late")
  await expect.poll(async () => (await first.health()).counters.fenced).toBe(1)
  expect((await second.health()).counters).toEqual({ lost: 0, fenced: 0, blocked: 0, repaired: 0 })
  expect(lines.join("\n")).toMatch(/facts\.slow#0 {2}came too late: .* \(it succeeded\)/)
  expect(await run.result()).toBe("the second")
  await Promise.all([first.drain(), second.drain(), app.close()])
})

test("a blocked event loop is measured", async () => {
  const block = task("facts.block", { input: [Schema.Finite], output: Schema.Finite }, (ms) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    return ms
  })
  const server = await serverForTest()
  const worker = await workerAt(server, [block])
  const app = await clientAt(server)
  await app.run(block(4_200))
  await expect.poll(async () => (await worker.health()).counters.blocked).toBe(1)
  const { eventLoop } = await worker.health()
  expect(eventLoop.longest).toBeGreaterThan(3_000)
  expect(Date.now() - eventLoop.at!).toBeLessThan(5_000)
})
