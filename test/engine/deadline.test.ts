/** A deadline stops the whole run, unless it ends before; whoever dies meanwhile. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, CompositionError, group, onFailure, RunTimedOut, step, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

const { Finite } = Schema
const interrupted: Array<number> = []
const hold = task("deadline.hold", { input: [Finite], output: Finite }, (x) => {
  const { signal } = step()
  return new Promise<number>((_, reject) => {
    signal.addEventListener("abort", () => {
      interrupted.push(x)
      reject(signal.reason as Error)
    })
  })
})
const quick = task("deadline.quick", { input: [Finite], output: Finite }, (x) => x)

const place = async () => {
  const server = memoryServer({ clock: "manual" })
  const work = () => workerOver(server.connect(), [hold, quick])
  const app = await clientOver(server.connect())
  const pass = async (milliseconds: number): Promise<void> => {
    await server.settled()
    server.clock.advance(milliseconds)
    await server.settled()
  }
  return { server, app, work, pass }
}

test("what runs is interrupted, the outcome is TimedOut, and run rejects with RunTimedOut", async () => {
  const { server, app, work, pass } = await place()
  await work()
  const workflow = chain(group(hold(1), quick(2)), quick(3) as never).with({
    deadline: "5 minutes"
  })
  const run = await app.start(workflow as never)
  const result = run.result().catch((error: unknown) => error)
  await pass(299_000)
  expect(await run.status()).toBe("running")
  await pass(1_000)
  expect(await result).toBeInstanceOf(RunTimedOut)
  expect(await result).toMatchObject({ run: run.id, after: 300_000 })
  expect(await run.outcome()).toEqual({ _tag: "TimedOut", after: 300_000 })
  expect(interrupted).toContain(1)
  for (let rounds = 0; rounds < 4; rounds++) await pass(130_000)
  expect(server.records().map(({ subject }) => subject)).toEqual([
    expect.stringContaining("memory.r.")
  ])
})

test("a run that nobody ever begins ends at its deadline, too", async () => {
  const { server, app, work, pass } = await place()
  const at = new Date(server.clock.now() + 60_000)
  const run = await app.start(quick(1).with({ deadline: at }))
  await pass(60_000)
  await work()
  await server.settled()
  expect(await run.outcome()).toEqual({ _tag: "TimedOut", after: 60_000 })
})

test("a run that ends in time leaves no timer", async () => {
  const { server, app, work, pass } = await place()
  await work()
  const deadline = "1 hour"
  expect(await app.run(quick(1).with({ deadline }))).toBe(1)
  expect(await app.run(chain(quick(1), quick()).with({ deadline }))).toBe(1)
  await pass(125_000)
  expect(server.records("memory.s.>")).toEqual([])
  expect(server.records().filter(({ subject }) => !subject.startsWith("memory.r."))).toEqual([])
})

test("a deadline after the outcome is gone decides nothing a second time", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect(), { retention: "30 seconds" })
  let failures = 0
  const failed = task("deadline.failed", { input: [], output: Schema.Void }, () => {
    failures += 1
  })
  await workerOver(server.connect(), [quick, failed])
  const workflow = onFailure(chain(quick(1), quick()), failed()).with({ deadline: "1 minute" })
  expect(await app.run(workflow)).toBe(1)
  await server.settled()
  server.clock.advance(31_000)
  await server.settled()
  expect(server.records("memory.r.>")).toEqual([])
  server.clock.advance(30_000)
  await server.settled()
  expect(server.records("memory.r.>")).toEqual([])
  expect(failures).toBe(0)
})

test("the deadline of a start that was never accepted ends nothing", async () => {
  const { server, app, work, pass } = await place()
  await work()
  server.onCall = ({ verb, subject }) =>
    verb === "publish" && subject.includes(".t.") ? { refuse: "Full" } : undefined
  await expect(app.start(quick(1).with({ deadline: "1 minute" }))).rejects.toThrow()
  server.onCall = undefined
  await pass(61_000)
  expect(server.records()).toEqual([])
})

test("a key whose run is there already keeps its deadline, and the loser's timer goes", async () => {
  const { server, app } = await place()
  const workflow = quick(1).with({ key: "k", deadline: "1 minute" })
  await app.start(workflow)
  await app.start(workflow)
  expect(server.records("memory.s.>")).toHaveLength(1)
})

test("a key or a deadline stands on the whole, never on a part", async () => {
  const part = quick(1).with({ deadline: "1 minute" })
  expect(() => chain(part, quick())).toThrow(CompositionError)
  expect(() => chain(part, quick())).toThrow("chain's step 1 has a deadline of its own")
  expect(() => group(quick(1).with({ key: "k" }))).toThrow("group's member 1 has a key of its own")
  expect(() => quick(1).with({ deadline: "soon" as never })).toThrow("deadline is a duration")
  expect(() => chain(quick(1)).with({ key: "" })).toThrow("key is a text")
})
