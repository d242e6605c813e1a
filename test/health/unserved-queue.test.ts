/** A queue that nobody serves is a problem of every worker and of every client, until somebody does. */
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { task } from "arpeggio"
import { minute, one, scene, second, two } from "../worker/unserved-scene.ts"
import { appears, goes } from "./appears.ts"

describe("calls wait on a queue and no worker takes from it", () => {
  test("that a deploy has left", async () => {
    const { app, work, pass } = await scene()
    const other = await work([one])
    const problems = async () => [(await other.health()).problems, (await app.health()).problems]
    expect(await problems()).toEqual([[], []])
    const run = await app.start(two("mail")(1))
    await pass(10 * second)
    // A restart is no news.
    expect(await problems()).toEqual([[], []])
    await pass(3 * minute)
    for (const [problem, ...more] of await problems()) {
      expect(more).toEqual([])
      expect(problem).toMatch(
        /^calls wait on queue "mail" and no worker takes from it, for \d minutes: 1 call, the oldest of task two\. Start a worker that serves two, and that queue \(queues: \["mail"\]\); what .* becomes a dead letter, which can be redriven to another queue\.$/
      )
    }
    await appears(other, 'calls wait on queue "mail"')
    await appears(app, 'calls wait on queue "mail"')
    await work([two("mail")])
    await pass(minute)
    expect(await run.result()).toBe(2)
    await goes(other, "calls wait on queue")
    await goes(app, "calls wait on queue")
    expect(await problems()).toEqual([[], []])
  })

  test("a client whose calls find no worker at all", async () => {
    const { app, work, pass } = await scene()
    const run = await app.start(one())
    await pass(minute)
    expect((await app.health()).problems.join()).toContain('calls wait on queue "default"')
    await work([one])
    await pass(second)
    expect(await run.result()).toBe(1)
    expect((await app.health()).problems).toEqual([])
  })
})

test("it cannot be found out whether a queue is served", async () => {
  const { app, server, work, pass } = await scene()
  const broker = server.connect()
  let allowed = false
  const muted = {
    ...broker,
    announce: (topic: string, body: Uint8Array): void => {
      if (allowed) broker.announce(topic, body)
    }
  }
  const other = await work([one], { patience: "5 minutes" }, muted)
  // It is busy and would say so, but nobody can ask.
  const never = task(
    "never",
    { input: [], output: Schema.Finite, queue: "mail", timeout: "1 day" },
    () => new Promise<number>(() => {})
  )
  await work([never], { concurrency: 1 })
  const runs = await Promise.all([app.start(never()), app.start(never())])
  await pass(30 * minute)
  await appears(other, /what workers tell each other does not arrive.* "_ARPEGGIO\.[^"]+\.>"/)
  expect(await Promise.all(runs.map((run) => run.status()))).toEqual(["pending", "pending"])
  allowed = true
  await pass(2 * minute)
  await goes(other, "does not arrive")
  expect((await other.health()).problems).toEqual([])
})
