/** A worker that seemed dead finds out that its call runs elsewhere, and stops; its late value counts for nothing. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { step, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

test("whoever takes a call over tells it, and the old holder is interrupted", async () => {
  const lines: Array<string> = []
  const aborted: Array<string> = []
  const began: Array<string> = []
  let finish: (value: string) => void = () => {}
  const answer = new Promise<string>((resolve) => (finish = resolve))
  const slow = task("lease.slow", { input: [Schema.Finite], output: Schema.String }, () => {
    const { worker, signal } = step()
    began.push(worker)
    signal.addEventListener("abort", () => aborted.push(worker))
    return began.length === 1 ? new Promise<string>(() => {}) : answer
  })
  const server = memoryServer({ lease: 1_000 })
  const app = await clientOver(server.connect())
  const first = await workerOver(server.connect(), [slow], { print: (line) => lines.push(line) })
  const run = await app.start(slow(1))
  await expect.poll(() => began).toEqual([first.name])
  const second = await workerOver(server.connect(), [slow])
  server.clock.advance(1_500)
  await expect.poll(() => aborted).toEqual([first.name])
  finish("done by the second")
  expect(await run.result()).toBe("done by the second")
  expect(lines.some((line) => line.includes("lease.slow#0  lost to another worker"))).toBe(true)
  expect((await first.health()).counters).toMatchObject({ lost: 1, fenced: 0 })
  await Promise.all([first.drain(), second.drain(), app.close()])
})
