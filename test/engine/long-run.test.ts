/** A run that takes longer than its outcome will be kept still has its records: only an ended run is collected. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { canvasTasks, same } from "../fixtures/tasks.ts"
import { gate, stubborn } from "./gate.ts"

test("records of a run whose start set the timer of its collection", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect(), { retention: "1 second" })
  await workerOver(server.connect(), [...canvasTasks, stubborn], { maxCrashes: 100 })
  const large = "x".repeat(200_000)
  const run = await app.start(
    chain(same(large), ignoreInput(stubborn(801)), ignoreInput(same(large)))
  )
  await gate(801).reached
  for (let leases = 0; leases < 12; leases++) {
    await server.settled()
    server.clock.advance(30_001)
  }
  await server.settled()
  expect(server.records("memory.g.>").length).toBeGreaterThan(0)
  gate(801).open()
  const outcome = await run.outcome()
  expect(outcome._tag).toBe("Succeeded")
})
