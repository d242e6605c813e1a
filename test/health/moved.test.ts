/** A task moved off a queue that others still serve: their health says that its calls wait, and until when. */
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { task } from "arpeggio"
import { hour, minute, one, scene, second, two } from "../worker/unserved-scene.ts"
import { appears, goes } from "./appears.ts"

const waits = 'calls of two wait on queue "default"'

describe("calls wait on a queue that this worker serves, and it cannot do them", () => {
  test("a task that was moved, until a worker serves both queues", async () => {
    const { app, lines, work, pass } = await scene()
    const other = await work([one])
    const moved = await work([two("notify")])
    const runs = await Promise.all([1, 2, 3].map((x) => app.start(two("default")(x))))
    await pass(12 * second)
    // A restart is no news.
    expect((await other.health()).problems).toEqual([])
    const about = () => lines.filter((line) => !line.startsWith("arpeggio "))
    expect(about()).toEqual([
      expect.stringMatching(
        /^two: this worker does not serve it; calls of it go back to queue "default" for a worker that does, for 1 hour at most \(next look in \d+ ms\)\. If there is none, .* with queues: \["default"\]\.$/
      )
    ])
    await pass(13 * second)
    expect(await appears(other, waits)).toMatch(
      /^calls of two wait on queue "default", for 2\d seconds, and this worker does not serve that task: start a worker that serves two, with queues: \["default"\]; what nobody does within 1 hour \(patience\) becomes a dead letter, which can be redriven to the queue that has the task now\.$/
    )
    expect((await moved.health()).problems).toEqual([])
    // It stays for as long as they come, however long the waits are, and is told once.
    for (let look = 0; look < 60; look += 1) {
      await pass(10 * second)
      expect((await other.health()).problems).toHaveLength(1)
    }
    expect(lines.filter((line) => line.startsWith(waits))).toHaveLength(1)
    expect(about()).toHaveLength(2)
    await work([two("notify")], { queues: ["default"] })
    await pass(5 * minute)
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4])
    await goes(other, waits)
    expect((await other.health()).ok).toBe(true)
  })

  test("and when nobody does, until the calls are dead letters", async () => {
    const { app, work, pass } = await scene()
    const other = await work([one])
    await work([two("notify")])
    const run = await app.start(two("default")(1))
    await pass(50 * minute)
    expect(await appears(other, waits)).toContain("for 50 minutes")
    await pass(15 * minute)
    await goes(other, waits)
    await expect(run.result()).rejects.toThrow(
      /then redrive the dead letter, with \{ queue \} where the task has moved to another\.$/
    )
    const [letter] = (await app.deadLetters.list()).letters
    const { id } = await app.deadLetters.redrive(letter!.id, { queue: "notify" })
    await pass(second)
    expect(await app.attach(id, two("notify")(1)).result()).toBe(2)
    expect((await other.health()).ok).toBe(true)
  })

  test("a worker that starts later says it of calls that have waited before", async () => {
    const { app, work, pass } = await scene()
    const first = await work([one])
    await app.start(two("default")(1))
    await pass(10 * minute)
    await first.drain()
    const second = await work([one])
    await pass(minute)
    expect(await appears(second, waits)).toMatch(/for 1[01] minutes/)
    await work([two("default")])
    await pass(5 * minute)
    await goes(second, waits)
  })

  test("a younger call goes on when the oldest is done", async () => {
    const { app, work, pass } = await scene()
    const other = await work([one])
    const first = await app.start(two("default")(1))
    await pass(20 * minute)
    await appears(other, "for 20 minutes")
    await app.start(two("default")(2))
    await pass(minute)
    await appears(other, "for 21 minutes")
    await first.cancel()
    await pass(5 * minute)
    await appears(other, /for [56] minutes/)
    await pass(hour)
    await goes(other, waits)
  })

  test("another version of a contract", async () => {
    const { app, work, pass } = await scene()
    const words = 'calls of two with another version of its contract wait on queue "default"'
    const newer = task("two", { input: [Schema.String], output: Schema.String }, (x) => x)
    const other = await work([two("default")])
    const run = await app.start(newer("1"))
    await pass(30 * second)
    expect(await appears(other, words)).toMatch(
      /, for \d\d seconds, and do not fit the one that this worker has: start a worker with the version .* redriven once there is such a worker\.$/
    )
    await work([newer])
    await pass(5 * minute)
    expect(await run.result()).toBe("1")
    await goes(other, words)
  })
})
