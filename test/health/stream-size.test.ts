/** A stream whose account requires a size of it: `max_bytes`, which is safe only while the account's limit is no higher. */
import { expect, test } from "vitest"
import { clientAt, double, stream, workerAt } from "../facts/place.ts"
import { edit, sizedServerForTest, sizing } from "../nats/sized.ts"
import { appears, goes, isNoted } from "./appears.ts"

const account = { maxBytes: "account" } as const

test("the stream would discard queued work when it is full", async () => {
  const words = /stream would discard queued work.*Raise max_bytes to the account's limit/
  const server = await sizedServerForTest("max_store: 20000000")
  const worker = await workerAt(server, [double], {}, account)
  const client = await clientAt(server)
  expect(await client.run(double(1))).toBe(2)
  await goes(worker, words)

  await server.restart(sizing("max_store: 40000000"))
  await appears(worker, words, 20_000)
  await appears(client, words, 20_000)
  await expect(client.start(double(2))).rejects.toMatchObject({
    reason: "Full",
    message: expect.stringMatching(words)
  })

  await edit(server, stream, { max_bytes: 40_000_000 })
  await goes(worker, words)
  await goes(client, words)
  expect(await client.run(double(3))).toBe(6)
}, 60_000)

test("the stream has the whole storage of its account", async () => {
  const words = "the stream has the whole storage of its account"
  const server = await sizedServerForTest("max_store: 20000000")
  const client = await clientAt(server, {}, account)
  expect(await isNoted(client, words)).toContain("Raise the two together")
  // An account that requires no size any more.
  await server.restart(sizing("max_store: 20000000").replace("max_bytes_required: true, ", ""))
  await expect.poll(async () => (await client.health()).ok, { timeout: 20_000 }).toBe(true)
  await edit(server, stream, { max_bytes: -1 })
  await goes(client, words)
}, 60_000)
