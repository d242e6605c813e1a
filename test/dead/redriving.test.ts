/** What whoever redrives a dead letter is told, when that does not do what was meant. */
import * as Schema from "effect/Schema"
import { expect, test, vi } from "vitest"
import { chain, task } from "arpeggio"
import { clientAt, workerAt } from "../facts/place.ts"
import { serverForTest } from "../nats/fixture.ts"
import { minute, one, scene, second, two } from "../worker/unserved-scene.ts"

test("a redrive to a queue that no worker takes from is done, and says so", async () => {
  const { client, work, pass } = await scene()
  const lines: Array<string> = []
  const app = await client({ print: (line) => void lines.push(line) })
  await work([one, two("notify")], { patience: "1 minute" })
  const workflow = two("mail")(1)
  const runs = await Promise.all([app.start(workflow), app.start(workflow), app.start(workflow)])
  await pass(10 * minute)
  expect(await runs[0]!.status()).toBe("Crashed")
  lines.length = 0
  const [first, second_, third] = (await app.deadLetters.list()).letters
  const words =
    /^no worker takes from queue "notfiy" now, so what was redriven waits there .*\(workers are seen at "default", "notify"\)\. Is the name spelt right\?/
  for (const letter of [first, second_]) {
    const moved = await app.deadLetters.redrive(letter!.id, { queue: "notfiy" })
    expect(moved.warning).toMatch(words)
  }
  expect(lines.filter((line) => line.includes("notfiy"))).toHaveLength(1)
  const right = await app.deadLetters.redrive(third!.id, { queue: "notify" })
  expect(right).toEqual({ id: expect.any(String) })
  await pass(second)
  expect(await app.attach(right.id, workflow).result()).toBe(2)
  await pass(10 * minute)
  const back = (await app.deadLetters.list()).letters
  expect(back.map(({ queue }) => queue)).toEqual(["notfiy", "notfiy"])
})

test("a letter whose run was stored when the server took larger messages is kept, and says what to raise", async () => {
  const server = await serverForTest()
  const text = Schema.String
  const read = task("read", { input: [text], output: text }, (letter) => letter.repeat(200_000))
  const late = task("late", { input: [text], output: Schema.Finite }, ({ length }) => length)
  const patience = { patience: "500 millis" } as const
  const app = await clientAt(server)
  const worker = await workerAt(server, [read], {}, {}, patience)
  const run = await app.start(chain(read("x"), late()))
  expect((await run.outcome())._tag).toBe("Crashed")
  await worker.drain()
  const [letter] = (await app.deadLetters.list()).letters
  await server.restart("max_payload: 64KB")
  await vi.waitFor(async () => expect((await app.health()).ok).toBe(true), 10_000)
  await expect(app.deadLetters.redrive(letter!.id)).rejects.toMatchObject({
    reason: "TooLarge",
    message: expect.stringMatching(
      /^dead letter .* cannot be redriven now, and is kept: .* the server takes 65536 .*Raise max_payload .* Then redrive it again\.$/
    )
  })
  await server.restart("max_payload: 1MB")
  await workerAt(server, [read, late])
  await vi.waitFor(async () => expect((await app.health()).ok).toBe(true), 10_000)
  const { id } = await app.deadLetters.redrive(letter!.id)
  expect(await app.attach(id, chain(read("x"), late())).result()).toBe(200_000)
}, 40_000)
