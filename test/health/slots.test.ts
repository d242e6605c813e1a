/** Slots that are busy, or held by handlers that do not stop; and a worker that leaves. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { task, TaskTimedOut, type AnyTask } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { appears, goes, isNoted } from "./appears.ts"

const { Finite } = Schema

/** A worker of two slots. */
const open = async (tasks: ReadonlyArray<AnyTask>) => {
  const server = await serverForTest()
  const app = await clientOver(await brokerForTest(server))
  const worker = await workerOver(await brokerForTest(server), tasks as never, { concurrency: 2 })
  onTestFinished(async () => {
    await app.close()
    await worker.drain()
  })
  const another = async () => {
    const other = await workerOver(await brokerForTest(server), tasks as never)
    onTestFinished(() => other.drain())
    return other
  }
  return { app, worker, another }
}

/** A task that goes on until it is let go, whatever it is told. */
const held = (timeout: "20 millis" | "1 minute") => {
  const ends: Array<() => void> = []
  onTestFinished(() => {
    for (const end of ends.splice(0)) end()
  })
  const hold = task("health.hold", { input: [Finite], output: Finite, timeout }, async (x) => {
    await new Promise<void>((resolve) => ends.push(resolve))
    return x
  })
  return { hold, ends }
}

test("all slots are busy", async () => {
  const { hold, ends } = held("1 minute")
  const { app, worker } = await open([hold])
  const runs = await Promise.all([app.start(hold(1)), app.start(hold(2))])
  await isNoted(worker, 'queue "default": all 2 slots are busy')
  const health = await worker.health()
  expect(health).toMatchObject({ ok: true, leases: 2, busy: 2 })
  expect(JSON.parse(JSON.stringify(health))).toEqual(health)
  for (const end of ends) end()
  await Promise.all(runs.map((run) => run.result()))
  await goes(worker, "slots are busy")
})

test("all slots are held by handlers that were told to stop and go on", async () => {
  const { hold, ends } = held("20 millis")
  const { app, worker } = await open([hold])
  for (const run of await Promise.all([1, 2].map((x) => app.start(hold(x)))))
    await expect(run.result()).rejects.toThrow(TaskTimedOut)
  const sentence = await appears(worker, 'no calls are taken from queue "default": all 2 slots')
  expect(sentence).toContain("told to stop and go on (health.hold)")
  ends.shift()!()
  await goes(worker, "no calls are taken")
})

test("some slots are held by handlers that were told to stop and go on", async () => {
  const { hold, ends } = held("20 millis")
  const { app, worker } = await open([hold])
  await expect(app.run(hold(1))).rejects.toThrow(TaskTimedOut)
  await isNoted(worker, 'queue "default": 1 of 2 slots is held by a handler that was told to stop')
  ends.shift()!()
  await goes(worker, "told to stop")
})

test("the worker is draining or drained", async () => {
  const { hold, ends } = held("1 minute")
  const { app, worker, another } = await open([hold])
  const run = await app.start(hold(1))
  await expect.poll(() => ends.length).toBe(1)
  const drained = worker.drain()
  await isNoted(worker, "the worker is draining and takes no more calls")
  ends.shift()!()
  await drained
  expect(await run.result()).toBe(1)
  const { notes, state } = await worker.health()
  expect(state).toBe("drained")
  expect(notes.join()).toContain("the worker is drained and takes no more calls")
  await goes(await another(), "takes no more calls")
})
