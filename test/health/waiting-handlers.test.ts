/** Handlers that hold all slots of a queue while they wait for runs in it are a problem, for as long as that lasts. */
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { task, type App } from "arpeggio"
import { minute, scene, second } from "../worker/unserved-scene.ts"
import { appears, goes } from "./appears.ts"

const finite = Schema.Finite
const child = task("child", { input: [], output: finite }, () => 1)
const parentOf = (wait: () => Promise<number>) =>
  task("parent", { input: [], output: finite, timeout: "10 minutes" }, wait)

const words = (slots: string) =>
  new RegExp(
    `^queue "default": ${slots} for a run of its own \\(parent\\), and the calls of such runs wait for a slot in the same queue: that does not end by itself\\. At once: start another worker of this queue\\. For good: return the workflow instead of waiting for it`
  )

const one = words("the one slot is held by a handler that waits")

type Asks = (app: App) => Promise<number>

const ways: { readonly [way: string]: Asks } = {
  "app.run": (app) => app.run(child()),
  "app.run with a time": (app) => app.run(child(), undefined, { within: "1 day" }),
  "the handle of start": async (app) => (await app.start(child())).result(),
  attach: async (app) => app.attach((await app.start(child())).id, child()).result()
}

describe("all slots are held by handlers that wait for runs of their own", () => {
  for (const [way, asks] of Object.entries(ways)) {
    test(`all slots wait: ${way}`, async () => {
      const { app, lines, work, pass } = await scene()
      const parent = parentOf(() => asks(app))
      const worker = await work([child, parent], { concurrency: 1 })
      const run = await app.start(parent())
      await pass(4 * second)
      expect((await worker.health()).problems).toEqual([])
      await pass(4 * second)
      await appears(worker, one)
      expect(lines.filter((line) => one.test(line))).toHaveLength(1)
      await pass(minute)
      expect(lines.filter((line) => one.test(line))).toHaveLength(1)
      // Another worker has a free slot: what was waited for goes on.
      await work([child])
      await pass(5 * second)
      expect(await run.result()).toBe(1)
      await goes(worker, one)
      expect((await worker.health()).problems).toEqual([])
    })
  }

  test("twenty slots, and two workers: each says it while neither has a free slot", async () => {
    const { app, work, pass } = await scene()
    const parent = parentOf(() => app.run(child()))
    const workers = [await work([child, parent]), await work([child, parent])]
    const runs = await Promise.all(Array.from({ length: 40 }, () => app.start(parent())))
    await pass(8 * second)
    for (const worker of workers) {
      expect((await worker.health()).problems).toEqual([
        expect.stringMatching(words("all 20 slots are held by handlers that wait"))
      ])
    }
    await work([child])
    await pass(20 * second)
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map(() => 1))
    for (const worker of workers) expect((await worker.health()).problems).toEqual([])
  })

  test("two queues that wait for each other: each says so, and neither when a third has a free slot", async () => {
    const { app, lines, work, pass } = await scene()
    const left = task("left", { input: [], output: finite, queue: "a", timeout: "1 day" }, () =>
      app.run(inner("b")())
    )
    const right = task("right", { input: [], output: finite, queue: "b", timeout: "1 day" }, () =>
      app.run(inner("a")())
    )
    const inner = (queue: string) =>
      task(`inner.${queue}`, { input: [], output: finite, queue }, () => 1)
    const tasks = [left, right, inner("a"), inner("b")]
    const worker = await work(tasks, { concurrency: 1 })
    const first = await app.start(left())
    await pass(minute)
    expect(await first.result()).toBe(1)
    expect((await worker.health()).problems).toEqual([])
    const runs = await Promise.all([app.start(left()), app.start(right())])
    await pass(10 * second)
    for (const [queue, task, other] of [
      ["a", "left", "b"],
      ["b", "right", "a"]
    ]) {
      const words = `queue "${queue}": the one slot is held by a handler that waits for a run of its own (${task}), and the calls of such runs wait for a slot in queue "${other}", whose slots are held in the same way: that does not end by itself`
      await appears(worker, words)
      expect(lines.filter((line) => line.includes(words))).toHaveLength(1)
    }
    await work([inner("a")])
    await pass(20 * second)
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([1, 1])
    expect((await worker.health()).problems).toEqual([])
  })

  test("a handler that waits while a slot is free, or for a run on another queue, says nothing", async () => {
    const { app, lines, work, pass } = await scene()
    let open: () => void = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const slow = task("slow", { input: [], output: finite, queue: "other" }, async () => {
      await gate
      return 1
    })
    const parent = parentOf(() => app.run(slow()))
    const worker = await work([child, slow, parent], { concurrency: 1 })
    const run = await app.start(parent())
    const free = await work([child, parentOf(() => app.run(child()))], { concurrency: 2 })
    expect(await app.run(parentOf(() => Promise.resolve(0))())).toBe(1)
    await app.start(child())
    await pass(minute)
    expect((await worker.health()).problems).toEqual([])
    expect((await free.health()).problems).toEqual([])
    open()
    await pass(second)
    expect(await run.result()).toBe(1)
    expect(lines.filter((line) => line.includes("slot is held"))).toEqual([])
  })
})
