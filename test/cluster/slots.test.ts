/** The servers say that all which was asked for is handed out before the last of it comes: it waits until a majority knows of it. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { task } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { brokerForTest, clusterForTest } from "./fixture.ts"

test("the last free slot is filled, too, and at once", async () => {
  const cluster = await clusterForTest()
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const begun: Array<number> = []
  const hold = task("hold", { input: [Schema.Finite], output: Schema.Finite }, async (at) => {
    begun.push(at)
    await opened
    return at
  })
  const worker = await workerOver(await brokerForTest(cluster), [hold], { concurrency: 4 })
  onTestFinished(() => worker.drain())
  const app = await clientOver(await brokerForTest(cluster))
  onTestFinished(() => app.close())
  const runs = await Promise.all([0, 1, 2, 3].map((at) => app.start(hold(at))))
  await expect.poll(() => begun.length, { timeout: 10_000 }).toBe(4)
  expect((await worker.health()).problems).toEqual([])
  open()
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([0, 1, 2, 3])
  expect(begun.toSorted()).toEqual([0, 1, 2, 3])
})

test("more calls than slots are all done, each once", async () => {
  const cluster = await clusterForTest()
  const done: Array<number> = []
  const count = task("count", { input: [Schema.Finite], output: Schema.Finite }, (at) => {
    done.push(at)
    return at
  })
  const worker = await workerOver(await brokerForTest(cluster), [count], { concurrency: 10 })
  onTestFinished(() => worker.drain())
  const app = await clientOver(await brokerForTest(cluster))
  onTestFinished(() => app.close())
  const all = Array.from({ length: 300 }, (_, at) => at)
  const runs = await Promise.all(all.map((at) => app.start(count(at))))
  expect(await Promise.all(runs.map((run) => run.result({ within: "30 seconds" })))).toEqual(all)
  expect(done.toSorted((one, other) => one - other)).toEqual(all)
})
