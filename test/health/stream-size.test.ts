/** Problem: the account's limit was raised above the stream's max_bytes, so that a full stream would discard queued work. */
import { expect, test, vi } from "vitest"
import { clientAt, double, stream, workerAt } from "../facts/place.ts"
import { edit, sizedServerForTest, sizing } from "../transport/sized.ts"

const words = /stream would discard queued work.*Raise max_bytes to the account's limit/

test("it is told when the account's limit is raised alone, nothing new is begun, and it goes when max_bytes is raised, too", async () => {
  const server = await sizedServerForTest("max_store: 20000000")
  const account = { maxBytes: "account" } as const
  const worker = await workerAt(server, [double], {}, account)
  const client = await clientAt(server)
  expect(await client.run(double(1))).toBe(2)
  expect((await worker.health()).problems).toEqual([])

  await server.restart(sizing("max_store: 40000000"))
  await vi.waitFor(async () => expect((await worker.health()).problems.join("\n")).toMatch(words), {
    timeout: 20_000,
    interval: 50
  })
  expect((await client.health()).problems.join("\n")).toMatch(words)
  await expect(client.start(double(2))).rejects.toMatchObject({
    reason: "Full",
    message: expect.stringMatching(words)
  })

  await edit(server, stream, { max_bytes: 40_000_000 })
  expect((await worker.health()).problems).toEqual([])
  expect((await client.health()).problems).toEqual([])
  expect(await client.run(double(3))).toBe(6)
}, 60_000)
