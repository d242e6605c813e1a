/** One of three servers is away: work goes on, and whoever could start it should know. */
import { expect, test } from "vitest"
import { clientOver } from "arpeggio/testing"
import { goes, isNoted } from "../health/appears.ts"
import { brokerForTest, clusterForTest, stream } from "./fixture.ts"

test(
  "one of the servers that hold copies of the stream is away",
  { timeout: 120_000 },
  async () => {
    const cluster = await clusterForTest()
    const app = await clientOver(await brokerForTest(cluster))
    await goes(app, "copies")
    const leader = await cluster.leaderOf(stream)
    const follower = cluster.members.find((member) => member !== leader)!
    await follower.kill()
    const note = await isNoted(app, "of 3 copies of the stream", 30_000)
    expect(note).toMatch(/nothing has been heard for more than 10 s of 1 \(on n\d\): work goes on/)
    expect((await app.health()).ok).toBe(true)
    await cluster.whole(stream)
    await goes(app, "copies", 30_000)
  }
)
