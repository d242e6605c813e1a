/** What a release of the future wrote meets all that this one does: run, attach, outcome, status, describe, cancel, dead letters, redriving, collection. */
import { describe, expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { addressOf } from "../../src/encode/subjects.ts"
import { NotRedrivable, StillRunning } from "../../src/result/errors.ts"
import { clientOver } from "../../src/testing/index.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"
import { inTimer, stopping, strangeRecord, type Written } from "./future.ts"
import { minute, scene, type Scene } from "./memory.ts"
import { late } from "./tasks.ts"

/** Where the second step of a run is queued. */
const targetOf = (run: string): string => {
  const { owner, instance, run: token } = addressOf(run)!
  return `memory.t.default.0.dead/late.${owner}.${instance}.${token}.2._`
}

const workflow = chain(add(1, 2), identity(), record())

/** A run as a worker of this release has left it, and written over since. */
const written = async (on: Scene, { workflow, begun, write }: Written) => {
  const run = await on.app.start(workflow)
  if (begun) {
    const before = await on.work(canvasTasks, { patience: "10 hours" })
    await on.pass(minute)
    await before.drain()
  }
  await write(on.server.connect(), run.id)
  return run
}

describe.each(Object.entries(stopping))("%s", (_, future) => {
  test("stands still, and says so to whoever asks", async () => {
    const on = await scene()
    const run = await written(on, future)
    await on.work([...canvasTasks, late], { patience: "1 hour" })
    const beside = await on.app.start(workflow)
    await on.pass(10 * minute)
    expect(await beside.outcome()).toMatchObject({ _tag: "Succeeded" })
    const attached = (await clientOver(on.server.connect())).attach(run.id)
    for (const asked of [run, attached]) {
      expect(await asked.status()).toMatch(/^(pending|running)$/)
      const waiting = asked.result({ within: "1 minute" }).catch((cause: unknown) => cause)
      await on.pass(2 * minute)
      expect(await waiting).toBeInstanceOf(StillRunning)
      expect(String(await waiting)).toContain(run.id)
      const told = asked.describe()
      await on.pass(minute)
      expect((await told).waiting.map((step) => step.for)).toContain("newer")
      expect((await told).words).toContain("newer release of Arpeggio")
    }
    const cancelled = run.cancel()
    await on.pass(10 * minute)
    expect(await cancelled).toBe("Cancelled")
    expect((await on.app.deadLetters.list()).letters).toEqual([])
    expect(on.left()).toEqual([])
  })

  test("is a dead letter in the end, beside others, and everything else goes on", async () => {
    const on = await scene()
    const run = await written(on, future)
    await on.work([...canvasTasks, ...(future.begun ? [late] : [])], { patience: "20 minutes" })
    const dead = await on.app.start(late(1))
    await on.pass(25 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "CannotContinue" })
    const { letters } = await on.app.deadLetters.list()
    const own = letters.filter((letter) => letter.run === run.id)
    expect(own.length).toBeGreaterThan(0)
    for (const { id, obstacle, reason } of own) {
      expect(`${obstacle} ${reason}`).toMatch(/does not know|reads up to 1/)
      expect((await on.app.deadLetters.read(id)).run).toBe(run.id)
    }
    const again = await on.app.deadLetters.redrive(own[0]!.id).catch((cause: unknown) => cause)
    expect(again).toBeInstanceOf(NotRedrivable)
    expect(String(again)).toContain("newer release")
    if (!future.begun) {
      const good = letters.find((letter) => letter.run === dead.id)
      await on.work([late])
      const redriven = await on.app.deadLetters.redrive(good!.id)
      await on.pass(10 * minute)
      expect(await on.app.attach(redriven.id, late(1)).status()).toBe("Succeeded")
    }
    for (const { id } of own) await on.app.deadLetters.drop(id)
    await on.pass(10 * minute)
    expect(on.left()).toEqual([])
  })
})

describe("a timer", () => {
  test("holds its call: the run goes on, is not begun again, and ends when it fires", async () => {
    const on = await scene()
    const run = await on.app.start(workflow)
    const broker = on.server.connect()
    await inTimer(broker, run.id, 50 * minute)
    await on.work(canvasTasks)
    await on.pass(40 * minute)
    expect(executionsOf(run.id)).toEqual([])
    for (const asked of [run, (await clientOver(broker)).attach(run.id)]) {
      expect(await asked.status()).toBe("pending")
      const waiting = asked.result({ within: "1 minute" }).catch((cause: unknown) => cause)
      await on.pass(2 * minute)
      expect(await waiting).toBeInstanceOf(StillRunning)
      const told = await asked.describe()
      expect(told.waiting).toMatchObject([{ step: "1", for: "newer" }])
      expect(told.words).toContain("in a timer that only a newer release of Arpeggio")
    }
    await on.pass(20 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
    expect(executionsOf(run.id)).toHaveLength(3)
    await on.pass(10 * minute)
    expect(on.left()).toEqual([])
  })

  test("of a run that is cancelled fires into nothing, and keeps the run until then", async () => {
    const on = await scene()
    const run = await on.app.start(workflow)
    await inTimer(on.server.connect(), run.id, 50 * minute)
    await on.work(canvasTasks)
    const cancelled = run.cancel()
    await on.pass(40 * minute)
    expect(await cancelled).toBe("Cancelled")
    expect(on.left().some((subject) => subject.endsWith(".nap"))).toBe(true)
    await on.pass(20 * minute)
    expect(executionsOf(run.id)).toEqual([])
    expect(on.left()).toEqual([])
  })

  test("behind a step that has ended keeps the run from being begun again", async () => {
    const on = await scene()
    const run = await on.app.start(chain(identity(1), late()))
    const before = await on.work(canvasTasks, { patience: "10 hours" })
    await on.pass(minute)
    await before.drain()
    const broker = on.server.connect()
    const parked = on.server
      .records("memory.s.>")
      .find(({ subject }) => subject.endsWith(".parked"))
    await broker.publish({
      subject: parked!.subject.replace(/parked$/, "nap"),
      body: parked!.body,
      fire: { time: broker.now() + 30 * minute, target: targetOf(run.id) }
    })
    await broker.purge(parked!.subject)
    await on.work([...canvasTasks, late])
    await on.pass(20 * minute)
    expect(await run.status()).toBe("running")
    expect(executionsOf(run.id)).toHaveLength(1)
    await on.pass(20 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
    expect(executionsOf(run.id)).toHaveLength(2)
  })
})

describe("a kind of record", () => {
  test("keeps what there is of its run until a newer worker has looked after it", async () => {
    const on = await scene()
    const broker = on.server.connect()
    const run = await on.app.start(workflow)
    const strange = strangeRecord(broker, run.id)
    await broker.publish({ subject: strange, body: Buffer.from("?") })
    const lines: Array<string> = []
    await on.work(canvasTasks, { print: (line: string) => void lines.push(line) })
    const beside = await on.app.start(workflow)
    await on.pass(30 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
    expect(await beside.outcome()).toMatchObject({ _tag: "Succeeded" })
    const kept = on.left()
    expect(kept).toContain(strange)
    expect(kept.filter((subject) => subject.startsWith("memory.i."))).toHaveLength(2)
    expect(kept.every((subject) => subject.includes(run.id.split("-")[2]!))).toBe(true)
    expect(lines.filter((line) => line.includes('a record of the kind "z"'))).toHaveLength(1)
    // Longer than its outcome is kept: nobody takes the look after it for a part of the run.
    await on.pass(60 * minute)
    expect(await run.status()).toBe("forgotten")
    await broker.purge(strange)
    await on.pass(10 * minute)
    expect(on.left()).toEqual([])
  })

  test("is looked for by one question, where there is none", async () => {
    const on = await scene()
    const asked: Array<string> = []
    on.server.onCall = ({ verb, subject }) => {
      if (verb === "count") asked.push(subject)
      return undefined
    }
    await on.work(canvasTasks)
    const run = await on.app.start(workflow)
    await on.pass(10 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
    expect(on.left()).toEqual([])
    expect(asked.filter((subject) => subject.startsWith("memory.*."))).toHaveLength(1)
    expect(asked.filter((subject) => subject.startsWith("memory.b."))).toEqual([])
  })

  test("keeps a run from being begun again", async () => {
    const on = await scene()
    const broker = on.server.connect()
    const run = await on.app.start(chain(identity(1), late()))
    const before = await on.work(canvasTasks, { patience: "10 hours" })
    await on.pass(minute)
    await before.drain()
    const strange = strangeRecord(broker, run.id)
    await broker.publish({ subject: strange, body: Buffer.from("?") })
    await broker.purge("memory.s.*.*.*.*.*.*.*.parked")
    await on.work([...canvasTasks, late])
    await on.pass(30 * minute)
    expect(executionsOf(run.id)).toHaveLength(1)
    expect(await run.status()).toBe("running")
    await broker.purge(strange)
    await on.pass(10 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
  })

  test("keeps a dead letter from being redriven by this release", async () => {
    const on = await scene()
    const broker = on.server.connect()
    const run = await on.app.start(chain(identity(1), late()))
    await on.work(canvasTasks, { patience: "1 minute" })
    await on.pass(5 * minute)
    const strange = strangeRecord(broker, run.id)
    await broker.publish({ subject: strange, body: Buffer.from("?") })
    const { letters } = await on.app.deadLetters.list()
    expect(letters).toMatchObject([{ run: run.id }])
    const again = await on.app.deadLetters.redrive(letters[0]!.id).catch((cause: unknown) => cause)
    expect(again).toBeInstanceOf(NotRedrivable)
    expect(String(again)).toContain("newer release")
    await on.app.deadLetters.drop(letters[0]!.id)
    await broker.purge(strange)
    await on.pass(10 * minute)
    expect(on.left()).toEqual([])
  })
})
