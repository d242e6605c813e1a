/** The same on a real server: what a release of the future wrote stands still and is told of, and the runs beside it go on. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { intervals } from "../../src/engine/run/run-timers.ts"
import { NotRedrivable, StillRunning } from "../../src/result/errors.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { inTimer, stopping, strangeRecord, type Written } from "./future.ts"
import { late } from "./tasks.ts"

const usual = { ...intervals }
let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(async () => {
  Object.assign(intervals, usual)
  await server?.stop()
})

const tasks = [...canvasTasks, late] as never
const workflow = chain(add(1, 2), identity(), record())

let places = 0

/** A namespace of its own, with a client and what works there. */
const place = async () => {
  const namespace = `future${++places}`
  const connect = () => connectNats({ servers: server.url, namespace })
  const app = await clientOver(await connect())
  const broker = await connect()
  const work = async (served: never, patience: string) =>
    workerOver(await connect(), served, { patience } as never)
  const close = async () => {
    await app.close()
    await broker.close()
  }
  return { namespace, app, broker, work, close }
}
type Place = Awaited<ReturnType<typeof place>>

const parkedIn = ({ broker, namespace }: Place): Promise<number> =>
  broker.count(`${namespace}.s.*.*.*.*.*.*.*.parked`)

/** A run as a worker of this release has left it, and written over since. */
const written = async (on: Place, { workflow, begun, write }: Written) => {
  const run = await on.app.start(workflow)
  if (begun) {
    const before = await on.work(canvasTasks as never, "1 hour")
    await expect.poll(() => parkedIn(on), { timeout: 10_000 }).toBeGreaterThan(0)
    await before.drain()
  }
  await write(on.broker, run.id)
  return run
}

/** Calls that are put back soon, for another worker, are called at once. */
const callParked = async ({ broker, namespace }: Place): Promise<void> => {
  const { records } = await broker.page(`${namespace}.s.*.*.*.*.*.*.*.parked`, 100)
  for (const { subject, body } of records) {
    const [, , , , , owner, instance, run, node] = subject.split(".")
    const target = `${namespace}.t.default.0.dead/late.${owner}.${instance}.${run}.${node}`
    const index = JSON.parse(Buffer.from(body).toString().split("\n")[0]!).frame?.index ?? "_"
    await broker.publish({
      subject,
      body,
      fire: { time: broker.now() + 1, target: `${target}.${index}` }
    })
  }
}

describe.each(Object.entries(stopping))("%s", (_, future) => {
  test("stands still, says so, and can be cancelled", async () => {
    const on = await place()
    const run = await written(on, future)
    await using _worker = await on.work(tasks, "1 hour")
    if (future.begun) await callParked(on)
    expect(await on.app.run(workflow)).toBeDefined()
    const attached = on.app.attach(run.id)
    await expect
      .poll(async () => (await attached.describe()).words, { timeout: 20_000 })
      .toContain("newer release of Arpeggio")
    expect(await run.status()).toMatch(/^(pending|running)$/)
    const late = await run.result({ within: "50 millis" }).catch((cause: unknown) => cause)
    expect(late).toBeInstanceOf(StillRunning)
    expect(await run.cancel()).toBe("Cancelled")
    expect((await on.app.deadLetters.list()).letters).toEqual([])
    await on.close()
  }, 60_000)

  test("is a dead letter in the end", async () => {
    const on = await place()
    const run = await written(on, future)
    await using _worker = await on.work(tasks, "300 millis")
    if (future.begun) await callParked(on)
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "CannotContinue" })
    expect(await on.app.run(workflow)).toBeDefined()
    const { letters } = await on.app.deadLetters.list()
    expect(letters.length).toBeGreaterThan(0)
    for (const { id, run: of, reason } of letters) {
      expect(of).toBe(run.id)
      expect(reason).toMatch(/does not know|reads up to 1/)
      const again = await on.app.deadLetters.redrive(id).catch((cause: unknown) => cause)
      expect(again).toBeInstanceOf(NotRedrivable)
      expect(String(again)).toContain("newer release")
    }
    for (const { id } of letters) await on.app.deadLetters.drop(id)
    expect((await on.app.deadLetters.list()).letters).toEqual([])
    await on.close()
  }, 60_000)
})

test("a timer holds its call, and the run ends when it fires", async () => {
  const on = await place()
  const run = await on.app.start(workflow)
  await inTimer(on.broker, run.id, 4_000)
  await using _worker = await on.work(tasks, "1 hour")
  const attached = on.app.attach(run.id)
  expect(await attached.status()).toBe("pending")
  expect((await attached.describe()).waiting).toMatchObject([{ step: "1", for: "newer" }])
  const waiting = await attached.result({ within: "50 millis" }).catch((cause: unknown) => cause)
  expect(waiting).toBeInstanceOf(StillRunning)
  expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
  expect(executionsOf(run.id)).toHaveLength(3)
  await on.close()
}, 30_000)

test("a kind of record keeps what there is of its run", async () => {
  intervals.collect = 200
  const on = await place()
  const { broker, namespace } = on
  const run = await on.app.start(workflow)
  const strange = strangeRecord(broker, run.id)
  await broker.publish({ subject: strange, body: Buffer.from("?") })
  await using _worker = await on.work(tasks, "1 hour")
  const beside = await on.app.start(workflow)
  await beside.result()
  await run.result()
  // The look after the run is parked, and everything of the other is gone.
  const timers = async () =>
    (await broker.page(`${namespace}.s.>`, 10)).records.map(({ subject }) => subject)
  const parkedLook = expect.stringMatching(/\.collect\.~[0-9a-z]+$/)
  await expect.poll(timers, { timeout: 20_000 }).toEqual([parkedLook])
  await expect.poll(() => broker.count(`${namespace}.i.>`), { timeout: 20_000 }).toBe(2)
  expect((await broker.read(strange))?.body.toString()).toBe("?")
  expect(await run.status()).toBe("Succeeded")
  await on.close()
}, 60_000)
