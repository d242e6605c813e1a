/** Another server leads the queues: for some seconds none of them knows of the workers that ask there, and no client may say that there are none. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { task } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { brokerForTest, clusterForTest, stream } from "./fixture.ts"

const tasks = Array.from({ length: 30 }, (_, at) =>
  task(`one.${at}`, { input: [], output: Schema.Finite, queue: `q${at}` }, () => at)
)

test("no client misses workers that are there", { timeout: 240_000 }, async () => {
  const cluster = await clusterForTest()
  const worker = await workerOver(await brokerForTest(cluster), tasks as never)
  onTestFinished(() => worker.drain())
  const lines: Array<string> = []
  const app = await clientOver(await brokerForTest(cluster), {
    print: (line) => void lines.push(line)
  })
  const all = async (): Promise<ReadonlyArray<number>> =>
    Promise.all(tasks.map((one) => app.run(one())))
  const values = tasks.map((_, at) => at)
  expect(await all()).toEqual(values)
  for (const round of [1, 2, 3]) {
    const leader = await cluster.leaderOf(stream)
    await leader.kill()
    expect(await all(), `round ${round}`).toEqual(values)
    await cluster.whole(stream)
  }
  expect(lines).toEqual([])
  const none = task("none", { input: [], output: Schema.Finite, queue: "none" }, () => 1)
  const waiting = app.run(none())
  await expect
    .poll(() => lines.join(), { timeout: 40_000 })
    .toContain('no worker on queue "none" yet')
  const late = await workerOver(await brokerForTest(cluster), [none])
  onTestFinished(() => late.drain())
  expect(await waiting).toBe(1)
})
