/** A write whose answer was lost is sent again in other words: its first copy may have been stored, taken and forgotten. */
import { expect, test } from "vitest"
import { brokerForTest, bytes, callOn, serverForTest, textOf } from "./nats-fixture.ts"
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
