/** Reading and counting scopes larger than the server answers at once. */
import { expect, test } from "vitest"
import { proxyTo } from "./proxy.ts"
import { brokerForTest, bytes, namespace, record, serverForTest } from "./fixture.ts"

const filter = `${namespace}.i.*.*.*.app.i1.run1.*.*`

test("3,000 members are read and counted", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const nodes = Array.from({ length: 3000 }, (_, node) => node)
  await Promise.all(
    nodes.map((node) => broker.publish({ subject: record("run1", node), body: bytes(`${node}`) }))
  )
  await broker.publish({ subject: record("run2", 1), body: bytes("other") })
  expect(await broker.count(filter)).toBe(3000)
  const records = await broker.readAll(filter)
  expect(new Set(records.map(({ subject }) => subject)).size).toBe(3000)
  expect(records.every(({ subject, body }) => subject.includes(`.${Buffer.from(body)}.`))).toBe(
    true
  )
  await broker.purge(filter)
  expect(await broker.count(filter)).toBe(0)
  expect(await broker.readAll(filter)).toEqual([])
  expect(await broker.count(`${namespace}.i.>`)).toBe(1)
})

test("1,500 members are read from a server that takes only small messages", async () => {
  const server = await serverForTest({ configuration: "max_payload: 8192" })
  const broker = await brokerForTest(server)
  const nodes = Array.from({ length: 1500 }, (_, node) => node)
  const body = new Uint8Array(1000)
  await Promise.all(nodes.map((node) => broker.publish({ subject: record("run1", node), body })))
  expect(await broker.readAll(filter)).toHaveLength(1500)
})

test("of several records on one subject the last is read, and it counts once", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  for (const text of ["one", "two", ""]) {
    await broker.publish({ subject: record("run1", 1), body: bytes(text) })
  }
  expect(await broker.count(filter)).toBe(1)
  const [only, ...rest] = await broker.readAll(filter)
  expect(rest).toEqual([])
  expect(only!.body).toHaveLength(0)
  const read = await broker.read(record("run1", 1))
  expect(read).toMatchObject({ subject: only!.subject, at: only!.at })
  expect(Math.abs(read!.at - broker.now())).toBeLessThan(10_000)
})

test("a read whose answer is lost with the connection is made again", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const near = await brokerForTest(server)
  const far = await brokerForTest(proxy)
  const nodes = Array.from({ length: 20 }, (_, node) => node)
  await Promise.all(
    nodes.map((node) => near.publish({ subject: record("run1", node), body: bytes(`${node}`) }))
  )
  proxy.swallow()
  const answers = Promise.all([
    far.readAll(filter),
    far.count(filter),
    far.read(record("run1", 7)),
    far.readAll(filter)
  ])
  await expect.poll(() => near.count(filter)).toBe(20)
  proxy.cut()
  const [all, count, one, again] = await answers
  expect([all.length, count, again.length]).toEqual([20, 20, 20])
  expect(one?.subject).toBe(record("run1", 7))
})
