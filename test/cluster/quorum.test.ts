/** A cluster loses its majority, for longer than anything waits, and gets it back. */
import { expect, onTestFinished, test } from "vitest"
import { clientOver, workerOver } from "arpeggio/testing"
import { add, canvasTasks } from "../fixtures/tasks.ts"
import { appears, goes } from "../health/appears.ts"
import { brokerForTest, clusterForTest, stream } from "./fixture.ts"

test("the stream has no leader", { timeout: 180_000 }, async () => {
  const cluster = await clusterForTest()
  const timing = { leaderless: 1_000, lease: 5_000 }
  const worker = await workerOver(await brokerForTest(cluster, timing), canvasTasks)
  onTestFinished(() => worker.drain())
  const app = await clientOver(await brokerForTest(cluster, timing))
  expect(await app.run(add(0, 1))).toBe(1)
  const leader = await cluster.leaderOf(stream)
  const followers = cluster.members.filter((member) => member !== leader)
  const accepted = await Promise.all(Array.from({ length: 50 }, (_, at) => app.start(add(at, 1))))
  await followers[0]!.kill()
  await followers[1]!.kill()
  const headless = /the stream arpeggio-shop has no leader: .* start the missing servers/
  for (const process of [app, worker]) {
    await appears(process, headless, 40_000)
  }
  await expect(app.start(add(1, 1))).rejects.toMatchObject({ reason: "Unreachable" })
  await cluster.whole(stream)
  const values = await Promise.all(accepted.map((handle) => handle.result()))
  expect(values).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
  for (const process of [app, worker]) {
    await goes(process, headless, 20_000)
    // The consumers have leaders of their own, and find them when the stream has its again.
    const problems = async () => (await process.health()).problems
    await expect.poll(problems, { timeout: 20_000 }).toEqual([])
  }
})
