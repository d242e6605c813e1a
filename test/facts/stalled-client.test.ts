/** Fact: a client that stalled for five seconds lost 36,072 of 40,000 replies: the stored outcome is the truth. */
import { expect, test } from "vitest"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { proxyTo } from "../nats/proxy.ts"
import { clientAt, double, namespace, workerAt } from "./place.ts"

const count = 300
const numbers = Array.from({ length: count }, (_, at) => at)
const doubled = numbers.map((number) => number * 2)

test("every result comes although every reply on the inbox was lost", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(server.port)
  const app = await clientAt({ url: proxy.url })
  const other = await clientAt(server)
  const runs = await Promise.all(numbers.map((number) => app.start(double(number))))
  proxy.swallow()
  const results = Promise.all(runs.map((run) => run.result()))
  await workerAt(server)
  const attached = runs.map(({ id }) => other.attach(id, double(0)))
  expect(await Promise.all(attached.map((run) => run.result()))).toEqual(doubled)
  // The replies are gone for good: only the records are left to tell.
  proxy.cut()
  expect(await results).toEqual(doubled)
}, 40_000)

test("a start whose answer was lost, and which has ended when it is sent again, has its result all the same", async () => {
  const server = await serverForTest()
  await workerAt(server)
  const proxy = await proxyTo(server.port)
  const app = await clientAt({ url: proxy.url })
  const other = await brokerForTest(server, {}, { namespace })
  proxy.swallow()
  const results = Promise.all(numbers.map((number) => app.run(double(number))))
  await expect.poll(() => other.count(`${namespace}.r.>`), { timeout: 10_000 }).toBe(count)
  proxy.cut()
  expect(await results).toEqual(doubled)
}, 40_000)
