/** The run's timer while its run lives: a worker that slept over it harms no run, and no deadline ends a run that was never started. */
import { expect, test } from "vitest"
import { chain, chainOf } from "../../src/compose/chain.ts"
import { onFailure } from "../../src/compose/hook.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import { addressOf } from "../../src/encode/subjects.ts"
import { Records } from "../../src/engine/records.ts"
import { findStart } from "../../src/engine/run/first-message-record.ts"
import { KeyTaken } from "../../src/result/errors.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"
import { callbacksOf } from "../fixtures/ledger.ts"
import { alarmed, canvasTasks, identity, same } from "../fixtures/tasks.ts"

const minute = 60_000

const place = async (retention?: string) => {
  const server = memoryServer({ clock: "manual" })
  const said: Array<string> = []
  const work = (name: string, options: WorkerOptions = {}) =>
    workerOver(server.connect({ name }), canvasTasks, {
      print: (line) => said.push(line),
      ...options
    })
  const app = await clientOver(
    server.connect({ name: "client" }),
    (retention === undefined ? {} : { retention }) as never
  )
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 10_000) {
      await server.settled()
      server.clock.advance(Math.min(left, 10_000))
    }
    await server.settled()
  }
  const left = (): ReadonlyArray<string> =>
    server
      .records()
      .map(({ subject }) => subject)
      .filter((subject) => !subject.startsWith("memory.r."))
  return { server, app, work, pass, left, said }
}

/** Puts the first worker that looks after a run to sleep, right as it begins, until `wake` is called. */
const sleepOver = (server: MemoryServer) => {
  let wake = (): void => {}
  const hold = new Promise<void>((resolve) => (wake = resolve))
  let asleep = false
  server.onCall = ({ connection, verb, subject }) => {
    if (asleep || connection === "client" || verb !== "read" || !subject.startsWith("memory.r.")) {
      return undefined
    }
    asleep = true
    return { hold }
  }
  return { wake, isAsleep: () => asleep }
}

const waitsLong = {
  "for longer than its outcome will be kept": {
    workflow: chain(group(identity(1), same(2).with({ queue: "slow" })), same()),
    wait: 12 * minute,
    value: [1, 2]
  },
  "in its first queue, with a plan that is stored": {
    workflow: chain(
      same(1).with({ queue: "slow" }),
      ignoreInput(same("x".repeat(140_000))),
      ignoreInput(same(3))
    ),
    wait: minute,
    value: 3
  }
}

for (const [how, { workflow, wait, value }] of Object.entries(waitsLong)) {
  test(`a worker that slept over the timer of a run takes nothing from it: one that waits ${how}`, async () => {
    const { server, app, work, pass, left, said } = await place("10 minutes")
    await work("first")
    await work("second")
    const run = await app.start(workflow as never)
    await pass(wait)
    const { wake, isAsleep } = sleepOver(server)
    await pass(3 * minute)
    expect(isAsleep()).toBe(true)
    wake()
    await pass(10_000)
    await work("slow", { queues: ["slow"] })
    await pass(minute)
    expect(await run.status()).toBe("Succeeded")
    expect(await run.result()).toEqual(value)
    expect(said.filter((line) => line.includes("stood still"))).toEqual([])
    await pass(15 * minute)
    expect(left()).toEqual([])
  })
}

test("the deadline of a start that was never accepted ends nothing and calls nobody back", async () => {
  const { server, app, work, pass } = await place()
  await work("first")
  server.onCall = ({ verb, subject }) =>
    verb === "publish" && subject.includes(".t.") ? { refuse: "Full" } : undefined
  const workflow = onFailure(identity(1), alarmed()).with({ deadline: "1 minute" })
  await expect(app.start(workflow)).rejects.toThrow()
  server.onCall = undefined
  await pass(5 * minute)
  expect(server.records().map(({ subject }) => subject)).toEqual([])
})

test("a start that its key refuses leaves no deadline", async () => {
  const { server, app } = await place()
  await app.start(identity(1).with({ key: "k", deadline: "1 minute" }))
  const other = identity(2).with({ key: "k", deadline: "1 hour" })
  await expect(app.start(other)).rejects.toThrow(KeyTaken)
  expect(server.records("memory.s.>")).toHaveLength(1)
})

test("a run that is cancelled before its deadline leaves nothing", async () => {
  const { app, work, pass, left } = await place()
  await work("first")
  const workflow = chain(identity(1), same().with({ queue: "slow" }))
  const run = await app.start(workflow.with({ deadline: "1 day" }))
  await pass(minute)
  expect(await run.cancel()).toBe("Cancelled")
  await pass(5 * minute)
  expect(left()).toEqual([])
})

test("a deadline that passes before the start is stored ends a run that nobody serves", async () => {
  const { server, app, work, pass, left } = await place()
  await work("first")
  let store = (): void => {}
  const hold = new Promise<void>((resolve) => (store = resolve))
  server.onCall = ({ connection, verb, subject }) =>
    connection === "client" && verb === "publish" && subject.includes(".t.") ? { hold } : undefined
  const workflow = onFailure(same(1).with({ queue: "slow" }), alarmed())
  const starting = app.start(workflow.with({ deadline: "1 second" }))
  await pass(10_000)
  store()
  const run = await starting
  await pass(2 * minute)
  expect(await run.status()).toBe("TimedOut")
  await pass(5 * minute)
  expect(left()).toEqual([])
  expect(callbacksOf(run.id)).toHaveLength(1)
})

test("whose outcome is no longer kept is not taken for running, and its key is free", async () => {
  const { server, app, work, pass } = await place("1 second")
  await work("first")
  const workflow = chain(identity(1), same()).with({ key: "short" })
  const first = await app.start(workflow)
  expect(await first.result()).toBe(1)
  await server.settled()
  server.clock.advance(2_000)
  await server.settled()
  expect(await first.status()).toBe("forgotten")
  const second = await app.start(workflow)
  expect(second.id).not.toBe(first.id)
  await pass(5 * minute)
  expect(server.records()).toEqual([])
})

const around = {
  "of which the input is ignored": ignoreInput(
    onFailure(same(1).with({ queue: "slow" }), alarmed())
  ),
  "in a chain of one": chainOf([onFailure(same(1).with({ queue: "slow" }), alarmed())])
}

for (const [how, workflow] of Object.entries(around)) {
  test(`the callback around a whole hears of its deadline: one ${how}`, async () => {
    const { app, work, pass, left } = await place()
    await work("first")
    const run = await app.start(workflow.with({ deadline: "1 minute" }) as never)
    await pass(2 * minute)
    expect(await run.status()).toBe("TimedOut")
    expect(callbacksOf(run.id)).toHaveLength(1)
    await pass(5 * minute)
    expect(left()).toEqual([])
  })
}

test("who looks after a run that is just beginning does not take its start away", async () => {
  const { server, app, work, pass, left } = await place()
  const run = await app.start(
    chain(
      same("x".repeat(140_000)).with({ queue: "slow" }),
      same().with({ queue: "slower" })
    ) as never
  )
  let goOn = (): void => {}
  const hold = new Promise<void>((resolve) => (goOn = resolve))
  let held = false
  server.onCall = ({ connection, verb, subject }) => {
    const postpones = verb === "publish" && /\.s\..*\.collect\./.test(subject)
    if (connection !== "first" || !postpones || held) return undefined
    held = true
    return { hold }
  }
  await work("first")
  await pass(2 * minute)
  expect(held).toBe(true)
  await work("slow", { queues: ["slow"] })
  await server.settled()
  goOn()
  await server.settled()
  const records = new Records(server.connect({ name: "looker" }))
  expect(await findStart(records, addressOf(run.id)!)).toBeDefined()
  await work("slower", { queues: ["slower"] })
  await pass(10 * minute)
  expect(await run.status()).toBe("Succeeded")
  expect(left().filter((subject) => !subject.startsWith("memory.vr."))).toEqual([])
})
