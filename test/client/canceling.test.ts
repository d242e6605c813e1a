/** A cancel where no worker is there: whoever waits learns why, that it is stored, and how to wait no longer. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { chain, sleep, StillRunning, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

const note = task("note", { input: [], output: Schema.Void }, () => {})

const world = async () => {
  const server = memoryServer()
  const lines: Array<string> = []
  const app = await clientOver(server.connect(), { print: (line) => void lines.push(line) })
  onTestFinished(() => app.close())
  const work = async () => {
    const worker = await workerOver(server.connect(), [note])
    onTestFinished(() => worker.drain())
    return worker
  }
  return { server, app, lines, work }
}

const told = (run: string): RegExp =>
  new RegExp(
    `^arpeggio: no worker in this namespace yet \\(namespace "memory"\\), so the cancel of run ${run} waits\\. It is stored \\(since 20\\S+Z\\), whatever becomes of this process: the first worker that starts carries it out, and nothing more of the run begins before that\\. To wait no longer than you want to: cancel\\({ within: "10 seconds" }\\)$`
  )

test("of a run that waits, is delayed or sleeps, once until a worker has been there", async () => {
  const { app, lines, work } = await world()
  const asleep = await app.start(chain(sleep("1 hour"), note()))
  const worker = await work()
  await expect.poll(async () => (await asleep.describe()).waiting[0]?.for).toBe("time")
  await worker.drain()
  const delayed = await app.start(note().with({ delay: "1 hour" }))
  const waiting = await app.start(note())
  const first = asleep.cancel()
  await expect.poll(() => lines, { timeout: 10_000 }).toHaveLength(1)
  expect(lines[0]).toMatch(told(asleep.id))
  // By its id, from whoever knows nothing else of it.
  const others = [app.cancel(delayed.id), waiting.cancel()]
  await expect(app.cancel(delayed.id, { within: "2500 millis" })).rejects.toThrow(StillRunning)
  expect(lines).toHaveLength(1)
  await work()
  expect(await Promise.all([first, ...others])).toEqual(["Cancelled", "Cancelled", "Cancelled"])
})

test("nothing is said where a worker is there, or the wait is over sooner", async () => {
  const { app, lines, work } = await world()
  const run = await app.start(chain(sleep("1 hour"), note()))
  await expect(run.cancel({ within: "1 second" })).rejects.toThrow(
    /its cancel is stored \(since 20\S+\): the first worker that comes ends the run/
  )
  await work()
  expect(await run.cancel()).toBe("Cancelled")
  expect(lines).toEqual([])
})
