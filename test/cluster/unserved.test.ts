/** A queue that nobody serves, on three servers, while the one that leads the stream dies: nothing is given up too soon, and all of it in time. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { task, type AnyTask } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import type { Worker } from "../../src/worker/layer.ts"
import { brokerForTest, clusterForTest, stream } from "./fixture.ts"

const finite = Schema.Finite
const one = task("one", { input: [], output: finite }, () => 1)
const two = task("two", { input: [finite], output: finite, queue: "mail" }, (x) => x + 1)
const long = { timeout: 150_000, interval: 200 }

test("queues that nobody serves over a change of leaders", { timeout: 280_000 }, async () => {
  const cluster = await clusterForTest()
  const app = await clientOver(await brokerForTest(cluster))
  const lines: Array<string> = []
  const work = async (tasks: ReadonlyArray<AnyTask>): Promise<Worker> => {
    const worker = await workerOver(await brokerForTest(cluster), tasks as never, {
      patience: "1 minute",
      print: (line) => void lines.push(line)
    })
    onTestFinished(() => worker.drain())
    return worker
  }
  const runs = await Promise.all([1, 2, 3].map((x) => app.start(two(x))))
  const other = await work([one])
  const told = (): boolean => lines.some((line) => line.startsWith("calls wait"))
  await expect.poll(told, long).toBe(true)
  const leader = await cluster.leaderOf(stream)
  await leader.kill()
  const mail = await work([two])
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4])
  expect((await app.deadLetters.list()).letters).toEqual([])
  await expect.poll(async () => (await other.health()).problems, long).toEqual([])
  await leader.start()
  await mail.drain()
  const left = await Promise.all([4, 5].map((x) => app.start(two(x))))
  const letters = async (): Promise<number> => (await app.deadLetters.list()).letters.length
  await expect.poll(letters, { ...long, message: lines.join("\n") }).toBe(2)
  expect((await left[0]!.outcome())._tag).toBe("Crashed")
})
