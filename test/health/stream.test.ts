/** The stream of a namespace that somebody deletes: what a process says that held on to it, and after it was made anew. */
import { expect, test } from "vitest"
import { connect } from "@nats-io/transport-node"
import { clientAt, double, stream, workerAt } from "../facts/place.ts"
import { serverForTest } from "../nats/fixture.ts"
import { appears, goes, isNoted } from "./appears.ts"

const deleteStream = async (url: string): Promise<void> => {
  const operator = await connect({ servers: url })
  await operator.request(`$JS.API.STREAM.DELETE.${stream}`, "")
  await operator.close()
}

test("the stream was there, and is not", async () => {
  const server = await serverForTest()
  const worker = await workerAt(server)
  const app = await clientAt(server, { leaderless: 500 })
  await deleteStream(server.url)
  const sentence = await appears(app, stream)
  expect(sentence).toContain("Find out who deleted it")
  expect(await worker.ended).toMatchObject({ _tag: "BrokerError", reason: "Gone" })
  await appears(worker, "not created again in silence")
  // Who connects anew makes it anew.
  const second = await workerAt(server)
  await goes(second, stream)
  await goes(app, "not created again")
}, 20_000)

test("the stream was deleted and made again", async () => {
  const server = await serverForTest()
  const app = await clientAt(server, { leaderless: 500 })
  await deleteStream(server.url)
  await workerAt(server)
  const sentence = await isNoted(app, "was deleted and made again")
  expect(sentence).toContain("until this process starts again")
  expect(await app.run(double(4))).toBe(8)
  await isNoted(app, "was deleted and made again")
  await goes(await clientAt(server), "made again")
})
