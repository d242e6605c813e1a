/** Dead letters of queues that nobody serves wait where room is short: what is left is for outcomes. */
import { expect, test } from "vitest"
import { BrokerError, chain } from "arpeggio"
import type { Broker } from "arpeggio/testing"
import { minute, one, scene, second, two } from "./unserved-scene.ts"

/** A broker with room for outcomes only, until it is told that there is more. */
const short = (broker: Broker) => {
  let isShort = true
  const full = new BrokerError({ reason: "Full", message: "little room" })
  const publish: Broker["publish"] = async (publication, signal, ifFull) => {
    if (!isShort || publication.begins === undefined) return broker.publish(publication, signal)
    if (ifFull === undefined) throw full
    return ifFull(full, publication, signal)
  }
  return { broker: { ...broker, publish }, makeRoom: () => void (isShort = false) }
}

test("a call is not given up while there is room for outcomes only, and is once there is more", async () => {
  const { server, app, work, pass } = await scene()
  const { broker, makeRoom } = short(server.connect())
  const worker = await work([one], { patience: "5 minutes" }, broker)
  const run = await app.start(chain(one(), two("mail")()))
  await pass(8 * minute)
  expect((await app.deadLetters.list()).letters).toEqual([])
  expect(await run.status()).toBe("running")
  expect(await app.run(one())).toBe(1)
  expect((await worker.health()).problems.join()).toContain("waits, so that what was accepted")
  makeRoom()
  await pass(10 * second)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed" })
  expect((await app.deadLetters.list()).letters).toHaveLength(1)
  await pass(minute)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
})
