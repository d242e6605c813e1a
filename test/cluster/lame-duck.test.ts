/** Servers of a cluster are replaced one after another in lame duck mode, as a rolling deploy does it. */
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { add, canvasTasks } from "../fixtures/tasks.ts"
import { brokerForTest, clusterForTest, namespace, stream } from "./fixture.ts"

test(
  "each server goes in lame duck mode: its worker and client go on over it, then at another, and no call waits for long",
  { timeout: 180_000 },
  async () => {
    const cluster = await clusterForTest()
    await (await brokerForTest(cluster)).close()
    let longest = 0
    for (const _ of cluster.members) {
      const leader = await cluster.leaderOf(stream)
      const lines: Array<string> = []
      const say = (line: string): void => void lines.push(line)
      // Told one address: the server tells the others.
      const there = await connectNats({ servers: leader.url, namespace, say })
      const worker = await workerOver(there, canvasTasks)
      const app = await clientOver(await brokerForTest(leader))
      expect(await app.run(add(0, 1))).toBe(1)
      leader.retire()
      const gone = leader.ended().then(() => "gone")
      for (let at = 0; (await Promise.race([gone, sleep(50)])) !== "gone"; at++) {
        const began = performance.now()
        expect(await app.run(add(at, 1))).toBe(at + 1)
        longest = Math.max(longest, performance.now() - began)
      }
      expect(await app.run(add(1, 2))).toBe(3)
      expect((await worker.health()).connection.connected).toBe(true)
      expect(lines.filter((line) => line.includes("lame duck"))).toEqual([])
      await worker.drain()
      await app.close()
      await cluster.whole(stream)
    }
    expect(longest).toBeLessThan(10_000)
    process.stderr.write(`lame duck mode of three servers: longest call ${longest.toFixed(0)} ms\n`)
  }
)
