/** What can never be done ends in the dead letters, and its run with an outcome that says why. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { settle } from "../../src/compose/settle.ts"
import { step } from "../../src/define/context.ts"
import { task } from "../../src/define/task.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { packEnvelope, unpackEnvelope } from "../../src/encode/codec.ts"
import { NotRedrivable, UnknownDeadLetter } from "../../src/result/errors.ts"
import { workerOver } from "../../src/testing/index.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { gate, stubborn } from "../engine/gate.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"
import { minute, scene } from "./memory.ts"
import { death, fatal, late } from "./tasks.ts"

test("a task that nobody serves waits for as long as patience lasts, then its run ends", async () => {
  const { server, app, work, pass } = await scene()
  await work(canvasTasks, { patience: "1 hour" })
  const run = await app.start(chain(identity(7), late(), record()))
  await pass(55 * minute)
  expect(await run.status()).toBe("running")
  expect((await app.deadLetters.list()).letters).toEqual([])
  await pass(10 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "UnknownTask" })
  const error = await run.result().catch((cause: Error) => cause.message)
  expect(error).toMatch(
    /then redrive the dead letter, with \{ queue \} where the task has moved to another\.$/
  )
  const { letters } = await app.deadLetters.list()
  expect(letters).toMatchObject([
    { run: run.id, task: "dead.late", step: "2", attempt: 1, queue: "default", obstacle: undefined }
  ])
  expect(letters[0]!.reason).toContain("no worker that serves dead.late took it from queue")
  expect(letters[0]!.reason).toContain("within 1 hour")
  const opened = await app.deadLetters.read(letters[0]!.id)
  expect(opened.arguments).toEqual([7])
  expect(opened.size).toBe(opened.body.byteLength)
  expect(server.records("memory.t.>")).toEqual([])
})

test("a call that comes back within its patience is executed as if nothing had been", async () => {
  const { app, work, pass } = await scene()
  const ignorant = await work(canvasTasks, { patience: "1 hour" })
  const run = await app.start(late(1))
  await pass(30 * minute)
  await ignorant.drain()
  await work([late])
  await pass(minute)
  expect(await run.outcome()).toEqual({ _tag: "Succeeded", value: 1 })
  expect((await app.deadLetters.list()).letters).toEqual([])
})

test("patience begins anew for a call that a worker has known since", async () => {
  const { app, work, pass } = await scene()
  const retry = { times: 1, initial: "2 hours", max: "2 hours", jitter: 0 } as const
  const flaky = task(
    "dead.flaky",
    { input: [Schema.Finite], output: Schema.Finite, retry },
    (x) => {
      if (step().attempt === 1) throw new Error("the first attempt fails")
      return x
    }
  )
  const ignorant = () => work(canvasTasks, { patience: "1 hour" })
  const first = await ignorant()
  const run = await app.start(flaky(7))
  await pass(minute)
  await first.drain()
  const knowing = await work([flaky])
  await pass(minute)
  expect(await run.status()).toBe("retrying")
  await knowing.drain()
  const second = await ignorant()
  await pass(125 * minute)
  await second.drain()
  await work([flaky])
  await pass(minute)
  expect(await run.outcome()).toEqual({ _tag: "Succeeded", value: 7 })
})

test("arguments that do not fit the worker's contract are not tried again", async () => {
  const { app, work, pass } = await scene()
  const contract = { output: Schema.Finite, retry: { times: 5 } } as const
  const sent = task("dead.changed", { ...contract, input: [Schema.String] })
  const served = task("dead.changed", { ...contract, input: [Schema.Finite] }, (x) => x)
  await work([served])
  const run = await app.start(sent("seven"))
  await pass(minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "InvalidInput" })
  const { letters } = await app.deadLetters.list()
  expect(letters).toMatchObject([{ task: "dead.changed", attempt: 1, losses: 0 }])
  expect(letters[0]!.reason).toContain('dead.changed was sent input[0] = "seven"')
})

/** Replaces the one call in the stream by another body on the same subject. */
const replaceCall = async (broker: Broker, subject: string, body: Uint8Array): Promise<void> => {
  await broker.purge(subject)
  await broker.publish({ subject, body })
}

test("a message of a newer release waits for as long as patience lasts, then its run ends", async () => {
  const { server, app, work, pass } = await scene()
  const run = await app.start(add(1, 2))
  const [call] = server.records("memory.t.>")
  const envelope = unpackEnvelope(call!.body)
  if (typeof envelope === "string") throw new Error(envelope)
  const newer = packEnvelope({ ...envelope.header, v: 9 }, envelope.slots)
  await replaceCall(server.connect(), call!.subject, newer)
  await work(canvasTasks, { patience: "1 hour" })
  await pass(55 * minute)
  expect(await run.status()).toBe("pending")
  expect((await app.deadLetters.list()).letters).toEqual([])
  await pass(10 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "CannotContinue" })
  const [letter] = (await app.deadLetters.list()).letters
  expect(letter).toMatchObject({ run: run.id, task: "canvas.add", step: undefined })
  expect(letter!.obstacle).toContain("message version 9; this release reads up to 1")
  expect(Buffer.from(newer).equals((await app.deadLetters.read(letter!.id)).body)).toBe(true)
  const redriving = app.deadLetters.redrive(letter!.id)
  await expect(redriving).rejects.toThrow(NotRedrivable)
  await expect(redriving).rejects.toThrow("redrive it with that release")
  expect(executionsOf(run.id)).toEqual([])
})

test("what nobody can read is a dead letter at once, and its run ends", async () => {
  const { server, app, work, pass } = await scene()
  const run = await app.start(add(1, 2))
  const [call] = server.records("memory.t.>")
  await replaceCall(server.connect(), call!.subject, Buffer.from("hello"))
  await work(canvasTasks)
  await server.settled()
  expect(await run.status()).toBe("Crashed")
  const [letter] = (await app.deadLetters.list()).letters
  expect(letter!.obstacle).toBe("its body cannot be read: no header line")
  const opened = await app.deadLetters.read(letter!.id)
  expect([opened.arguments, Buffer.from(opened.body).toString()]).toEqual([undefined, "hello"])
  await app.deadLetters.drop(letter!.id)
  expect((await app.deadLetters.list()).letters).toEqual([])
  const again = app.deadLetters.drop(letter!.id)
  await expect(again).rejects.toThrow(UnknownDeadLetter)
  await expect(again).rejects.toThrow("deadLetters.list() shows those that are there")
  await pass(10 * minute)
})

test("a call that costs its workers their lives says which, when, and what was said before", async () => {
  const { server, app, pass, left } = await scene()
  const begin = async (): Promise<void> => {
    const broker = server.connect()
    await workerOver(broker, [...canvasTasks, fatal])
    death.strike = () => {
      server.crash(broker)
      void begin()
    }
  }
  await begin()
  const run = await app.start(chain(identity(1), fatal(), record()) as Workflow<void, unknown>)
  await pass(5 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
  const [letter] = (await app.deadLetters.list({ task: "dead.fatal" })).letters
  expect(letter).toMatchObject({ run: run.id, step: "2", attempt: 1, losses: 3 })
  expect(letter!.lost).toHaveLength(2)
  for (const { worker, began } of letter!.lost) {
    expect(letter!.reason).toContain(worker)
    expect(began.getTime()).toBeLessThan(letter!.at.getTime())
  }
  death.strike = undefined
  const again = await app.deadLetters.redrive(letter!.id)
  await pass(10 * minute)
  expect(await app.attach(again.id, chain(identity(1), record())).outcome()).toMatchObject({
    _tag: "Succeeded",
    value: 1
  })
  expect(executionsOf(again.id, "canvas.identity")).toEqual([])
  expect(left()).toEqual([])
})

test("a run that goes on beside its dead letter cannot be redriven before it has ended", async () => {
  const { app, work, pass } = await scene()
  await work([stubborn], { maxCrashes: 100 })
  const run = await app.start(group(settle(late(1)), stubborn(901)))
  await pass(3 * minute)
  const [letter] = (await app.deadLetters.list()).letters
  expect(letter!.obstacle).toBe(
    `its run ${run.id} still goes on: wait until it has ended, or cancel it`
  )
  await expect(app.deadLetters.redrive(letter!.id)).rejects.toThrow(NotRedrivable)
  gate(901).open()
  await pass(minute)
  expect(await run.status()).toBe("Succeeded")
  expect((await app.deadLetters.read(letter!.id)).obstacle).toBeUndefined()
})

test("dead letters come in pages, the oldest first, of one task when it is named", async () => {
  const { app, pass, work } = await scene()
  await work([identity])
  const other = task("dead.other", { input: [Schema.Finite], output: Schema.Finite })
  const runs = []
  for (let at = 0; at < 7; at++) {
    runs.push(await app.start(at % 2 === 0 ? late(at) : (other(at) as never)))
  }
  await pass(5 * minute)
  const found = []
  let from: string | undefined
  do {
    const page = await app.deadLetters.list({ limit: 3, ...(from === undefined ? {} : { from }) })
    expect(page.letters.length).toBeLessThanOrEqual(3)
    found.push(...page.letters)
    from = page.next
  } while (from !== undefined)
  expect(found.map(({ run }) => run).toSorted()).toEqual(runs.map(({ id }) => id).toSorted())
  const times = found.map(({ at }) => at.getTime())
  expect(times).toEqual(times.toSorted((left, right) => left - right))
  const some = await app.deadLetters.list({ task: "dead.other" })
  expect(some.letters.map(({ task }) => task)).toEqual(["dead.other", "dead.other", "dead.other"])
  await expect(app.deadLetters.list({ limit: 0 })).rejects.toThrow("limit is a whole number")
  await expect(app.deadLetters.list({ from: "x" })).rejects.toThrow("from is what the page before")
})
