/** Fact: a worker can be alive and do little: what it lost, what came too late and how long it was blocked is counted. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { step, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, workerAt } from "./place.ts"

test("a worker whose process was cut off is red", async () => {
  const server = memoryServer()
  const broker = server.connect()
  const worker = await workerOver(broker, [double])
  expect((await worker.health()).ok).toBe(true)
  server.crash(broker)
  expect((await worker.health()).ok).toBe(false)
})

test("a value that comes too late is counted and logged, and so is a lease lost to another worker", async () => {
  const lines: Array<string> = []
  const began: Array<string> = []
  let finish: (value: string) => void = () => {}
  const answer = new Promise<string>((resolve) => (finish = resolve))
  const slow = task("facts.slow", { input: [Schema.Finite], output: Schema.String }, async () => {
    const { worker } = step()
    began.push(worker)
    return began.length === 1 ? answer : "the second"
  })
  const server = memoryServer({ lease: 1_000 })
  const app = await clientOver(server.connect())
  // It does not hear that its call was taken over.
  server.onCall = ({ verb, subject }) =>
    verb === "hear" && subject.includes("taken") ? "lost" : undefined
  const first = await workerOver(server.connect(), [slow], { print: (line) => lines.push(line) })
  const run = await app.start(slow(1))
  await expect.poll(() => began).toHaveLength(1)
  const second = await workerOver(server.connect(), [slow])
  server.clock.advance(1_500)
  expect(await run.result()).toBe("the second")
  finish("the first, too late")
  await expect.poll(async () => (await first.health()).counters.fenced).toBe(1)
  expect((await second.health()).counters).toEqual({ lost: 0, fenced: 0, blocked: 0, repaired: 0 })
  expect(lines.join("\n")).toMatch(/facts\.slow#0 {2}came too late: .* \(it succeeded\)/)
  expect(await run.result()).toBe("the second")
  await Promise.all([first.drain(), second.drain(), app.close()])
})

test("a blocked event loop is measured", async () => {
  const block = task("facts.block", { input: [Schema.Finite], output: Schema.Finite }, (ms) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    return ms
  })
  const server = await serverForTest()
  const worker = await workerAt(server, [block])
  const app = await clientAt(server)
  await app.run(block(4_200))
  await expect.poll(async () => (await worker.health()).counters.blocked).toBe(1)
  const { eventLoop } = await worker.health()
  expect(eventLoop.longest).toBeGreaterThan(3_000)
  expect(Date.now() - eventLoop.at!).toBeLessThan(5_000)
})
