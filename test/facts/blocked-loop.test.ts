/** Fact: an event loop blocked for longer than the lease means a second delivery, and the server accepts both acks. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { implement } from "arpeggio"
import { bundled } from "../bundle.ts"
import { serverForTest } from "../nats/fixture.ts"
import { block } from "./blocked.ts"
import { clientAt, workerAt } from "./place.ts"

test("one outcome is committed; the blocked worker says that it was, and that its value came too late", async () => {
  const server = await serverForTest()
  // Whoever sends the first call of a queue makes its consumer.
  const app = await clientAt(server, { lease: 1_000 })
  const program = fileURLToPath(new URL("./blocked.ts", import.meta.url))
  const child = spawn(process.execPath, [bundled(program)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NATS_URL: server.url }
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  const lines: Array<string> = []
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line))
  const run = await app.start(block(4_500))
  await expect.poll(() => lines, { timeout: 15_000 }).toContain("began")
  const free = implement(block, () => "free")
  await workerAt(server, [free], { lease: 1_000 })
  expect(await run.result()).toBe("free")
  // When it turns again it either hears first that its call was taken over, or finds out when it commits.
  await expect
    .poll(() => lines.join("\n"), { timeout: 15_000 })
    .toMatch(/facts\.block#0 {2}(lost to another worker|came too late)/)
  await expect
    .poll(() => lines.join("\n"), { timeout: 5_000 })
    .toMatch(/"counters":\{"lost":[01],"fenced":[01],"blocked":1,/)
  expect(lines.join("\n")).toMatch(/the event loop was blocked for \d{4} ms/)
  expect(await run.result()).toBe("free")
}, 40_000)
