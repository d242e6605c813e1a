/** A subject with a wildcard in it, which a real server stores: taken for a run, it would stand for every run there is. */
import { afterAll, beforeAll, expect, test } from "vitest"
import type { CancelMessage } from "../../src/encode/message.ts"
import { packMessage } from "../../src/encode/codec.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { add, identity } from "../fixtures/tasks.ts"
import { startNatsServer, type NatsServer } from "../nats-server.ts"

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server?.stop())

test("a cancel of every run is a dead letter, and ends none", async () => {
  const connect = () => connectNats({ servers: server.url, namespace: "wild" })
  const broker = await connect()
  await using app = await clientOver(broker)
  // Nobody serves it, so that its call is there to be purged.
  const run = await app.start(add(1, 2))
  const cancel: CancelMessage = {
    v: 1,
    kind: "cancel",
    run: "*",
    keep: 3_600_000,
    codec: "json",
    reason: "all of them"
  }
  const subject = "wild.t._._._.*.*.*.cancel._"
  await broker.publish({ subject, body: packMessage(cancel) })
  await using worker = await workerOver(await connect(), [identity])
  await expect.poll(() => broker.count("wild.t._._.>")).toBe(0)
  // What a worker makes of it is done before it acks.
  expect(await run.status()).toBe("pending")
  expect(await broker.count("wild.dl.>")).toBe(1)
  expect(worker.name).toBeDefined()
})
