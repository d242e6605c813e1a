/** The same on a real server: what a newer release wrote waits for it, while the runs beside it go on. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { packMessage } from "../../src/encode/parcel.ts"
import { addressOf, recordSubject } from "../../src/encode/subjects.ts"
import { InvalidResult } from "../../src/result/failure.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/transport/nats/broker.ts"
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
  for (const change of Object.values(changes)) {
    const run = await app.start(workflow)
    const { records } = await broker.page("newer.t.>", 1)
    const [call] = records
    await future.replace(broker, call!, change)
    runs.push(run)
    const next = (await broker.read(call!.subject))!
    // Set aside, so that the next one is the only call.
    await broker.purge(next.subject)
    waiting.push(next)
  }
  for (const { subject, body } of waiting) await broker.publish({ subject, body })
  await using _old = await workerOver(await connect("newer"), canvasTasks as never)
  expect(await app.run(workflow)).toBeDefined()
  for (const run of runs) expect(executionsOf(run.id)).toEqual([])
  await using _new = await workerOver(future.worker(await connect("newer")), canvasTasks as never)
  // Those that wait come back after half a minute at most; a cancel is heard at once.
  await broker.purge("newer.s.>")
  for (const { subject, body } of waiting) await broker.publish({ subject, body })
  const last = runs.pop()!
  for (const run of runs) expect((await run.outcome())._tag).toBe("Succeeded")
  expect(["Succeeded", "Cancelled"]).toContain(await last.cancel())
  await broker.close()
}, 60_000)

const waiting: Array<{ readonly subject: string; readonly body: Uint8Array }> = []

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
    ...({ v: 1, kind: "outcome", run: address.run, tag: "Succeeded", step: "0" } as const),
    ...({ attempt: 1, worker: "x", began: 0, ended: 0, codec: "json" } as const)
  }
  const body = new Future().of(packMessage(outcome, ["3"]), fields({ cost: 1 }))
  await broker.publish({ subject: recordSubject("outcomes", "r", address), body })
  const error = await waits
  expect(error).toBeInstanceOf(InvalidResult)
  expect(String(error)).toContain("was written by a newer release of Arpeggio")
  expect(await run.status()).toBe("newer")
  await broker.close()
}, 30_000)
