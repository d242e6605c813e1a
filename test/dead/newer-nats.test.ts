/** The same on a real server: what a newer release wrote waits for it, while the runs beside it go on. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { packMessage } from "../../src/encode/codec.ts"
import { addressOf, recordSubject } from "../../src/encode/subjects.ts"
import { InvalidResult } from "../../src/result/errors.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { type Change, fields, Future, plan } from "./newer.ts"

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server?.stop())

const connect = (namespace: string) => connectNats({ servers: server.url, namespace })

const changes: { readonly [what: string]: Change } = {
  "a higher version": fields({ v: 2 }),
  "a field": fields({ priority: 5 }),
  "a word": fields({ codec: "cbor" }),
  "a kind of node": plan((node) => ({ ...node, kind: "race" }))
}

test("a newer worker takes what waits for it, and the older one goes on beside it", async () => {
  await using app = await clientOver(await connect("newer"))
  const broker = await connect("newer")
  const future = new Future()
  const workflow = chain(add(1, 2), identity(), record())
  const runs = []
  const subjects = new Map<string, string>()
  for (const change of Object.values(changes)) {
    const run = await app.start(workflow)
    const calls = (await broker.page("newer.t.>", 100)).records
    const call = calls.find(({ subject }) => subject.includes(addressOf(run.id)!.run))!
    const body = await future.replace(broker, call, change)
    subjects.set(Buffer.from(body).toString("latin1"), call.subject)
    runs.push(run)
  }
  const old = await workerOver(await connect("newer"), canvasTasks as never)
  expect(await app.run(workflow)).toBeDefined()
  await expect.poll(() => broker.count("newer.s.*.*.*.*.*.*.*.parked")).toBe(runs.length)
  for (const run of runs) expect(executionsOf(run.id)).toEqual([])
  await old.drain()
  await using _new = await workerOver(future.worker(await connect("newer")), canvasTasks as never)
  // They wait for up to half a minute: here they are called at once.
  for (const { subject, body } of (await broker.page("newer.s.>", 100)).records) {
    const target = subjects.get(Buffer.from(body).toString("latin1"))
    if (target === undefined) continue
    await broker.publish({ subject, body, fire: { time: broker.now() + 1, target } })
  }
  for (const run of runs) expect((await run.outcome())._tag).toBe("Succeeded")
  await broker.close()
}, 60_000)

test("without one it is a dead letter in the end, among others that can be redriven", async () => {
  await using app = await clientOver(await connect("letters"))
  const broker = await connect("letters")
  const run = await app.start(chain(add(1, 2), record()))
  const [call] = (await broker.page("letters.t.>", 1)).records
  await new Future().replace(
    broker,
    call!,
    plan((node) => ({ ...node, kind: "race" }))
  )
  await using _worker = await workerOver(await connect("letters"), canvasTasks as never, {
    patience: "300 millis"
  })
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "CannotContinue" })
  const dead = { v: 1, kind: "dead", subject: "x", reason: "y", worker: "z", at: 0 } as const
  const subject = recordSubject("letters", "dl", addressOf(run.id)!, "other")
  await broker.publish({ subject, body: new Future().of(packMessage(dead), fields({ v: 2 })) })
  const { letters } = await app.deadLetters.list()
  expect(letters).toHaveLength(2)
  for (const { obstacle } of letters) expect(obstacle).toContain("newer release")
  for (const { id } of letters) await app.deadLetters.drop(id)
  expect((await app.deadLetters.list()).letters).toEqual([])
  await broker.close()
}, 30_000)

test("an outcome of a newer release is told in words", async () => {
  await using app = await clientOver(await connect("outcomes"))
  const broker = await connect("outcomes")
  const run = await app.start(add(1, 2))
  const waits = run.result().catch((cause: unknown) => cause)
  const address = addressOf(run.id)!
  const outcome = {
    v: 1,
    kind: "outcome",
    run: address.run,
    tag: "Succeeded",
    step: "0",
    attempt: 1,
    worker: "x",
    began: 0,
    ended: 0,
    codec: "json"
  } as const
  const body = new Future().of(packMessage(outcome, ["3"]), fields({ cost: 1 }))
  await broker.publish({ subject: recordSubject("outcomes", "r", address), body })
  const error = await waits
  expect(error).toBeInstanceOf(InvalidResult)
  expect(String(error)).toContain("was written by a newer release of Arpeggio")
  expect(await run.status()).toBe("newer")
  await broker.close()
}, 30_000)
