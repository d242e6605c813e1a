/** Case 22: of a map with `concurrency: 3`, never more than three items are under way, over all workers. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { map } from "../../src/compose/map.ts"
import { task } from "../../src/define/task.ts"
import { parseSubject } from "../../src/encode/subjects.ts"
import type { MemoryServer } from "../../src/testing/memory/server.ts"
import { memoryLayer, natsLayer } from "./layer.ts"

const { Finite } = Schema

let running = 0
let most = 0

/** Counts how many of it run at a time. */
const gauge = task("lanes.gauge", { input: [Finite], output: Finite }, async (x) => {
  running++
  most = Math.max(most, running)
  await new Promise((resolve) => setImmediate(resolve))
  running--
  return x
})

const items = Array.from({ length: 200 }, (_, at) => at)
const workflow = map(gauge(), { concurrency: 3 })

/** Items queued or leased whose outcome is not stored: an item is acked after the one behind it has been published. */
const underWay = (server: MemoryServer): number => {
  const ended = new Set(
    server.records("memory.i.>").map(({ subject }) => parseSubject(subject)!.index)
  )
  return server
    .records("memory.t.>")
    .map(({ subject }) => parseSubject(subject)!)
    .filter(({ task, index }) => task === "lanes.gauge" && !ended.has(index)).length
}

for (const layer of [memoryLayer(), memoryLayer(1), natsLayer]) {
  test(`case 22: three lanes, ${layer.name}`, async () => {
    most = 0
    let queued = 0
    const { app, server, close } = await layer.open([gauge])
    if (server !== undefined) {
      server.onCall = () => {
        queued = Math.max(queued, underWay(server))
        return undefined
      }
    }
    expect(await app.run(workflow, items)).toEqual(items)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(3)
    if (server !== undefined) expect(queued).toBe(3)
    await close()
  })
}
