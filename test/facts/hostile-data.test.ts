/** Facts: JSON.parse keeps an own `__proto__`; deep input kills a decode; error names rebuilt into classes were a remote code execution. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { task } from "arpeggio"
import { packMessage, unpackMessage, type Parcel } from "../../src/encode/codec.ts"
import { addressOf, callSubject } from "../../src/encode/subjects.ts"
import { runPlace } from "../../src/engine/flow/position.ts"
import { Records } from "../../src/engine/records.ts"
import type { NatsServer } from "../nats-server.ts"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { clientAt, double, namespace, workerAt } from "./place.ts"

const seen: Array<object> = []

const keys = task(
  "facts.keys",
  { input: [Schema.Record(Schema.String, Schema.Json)], output: Schema.Json },
  (record) => {
    seen.push(record)
    return Object.keys(record)
  }
)

/** Starts a run, and puts other arguments into its call before any worker is there. */
const startWith = async (server: NatsServer, text: string) => {
  const app = await clientAt(server)
  const run = await app.start(keys({ a: 1 }))
  const broker = await brokerForTest(server, {}, { namespace })
  const [call] = await broker.readAll(`${namespace}.t.>`)
  const { message, slots } = unpackMessage(call!.body) as Parcel
  await broker.purge(`${namespace}.t.>`)
  const body = packMessage(message, [text, ...slots.slice(1)])
  await broker.publish({ subject: call!.subject, body })
  return { app, run }
}

test("an own __proto__ in what arrives is dropped before the handler", async () => {
  const server = await serverForTest()
  const { run } = await startWith(server, '[{"__proto__":{"polluted":true},"a":1}]')
  await workerAt(server, [keys])
  expect(await run.result()).toEqual(["a"])
  const [record] = seen.splice(0)
  expect(Object.hasOwn(record!, "__proto__")).toBe(false)
  expect((record as { polluted?: boolean }).polluted).toBeUndefined()
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test("input 20,000 levels deep crashes its step, and nothing else", async () => {
  const server = await serverForTest()
  const depth = 20_000
  const deep = `[{"a":${"[".repeat(depth)}${"]".repeat(depth)}}]`
  const { app, run } = await startWith(server, deep)
  const worker = await workerAt(server, [keys, double])
  await expect(run.result()).rejects.toMatchObject({ _tag: "TaskCrashed" })
  expect(seen).toEqual([])
  expect(await app.run(double(2))).toBe(4)
  expect(await worker.health()).toMatchObject({ ok: true })
})

test("an error that nobody declared stays data, whatever its name", async () => {
  const server = await serverForTest()
  const app = await clientAt(server)
  const run = await app.start(double(1))
  const broker = await brokerForTest(server, {}, { namespace })
  const address = addressOf(run.id)!
  const facts = { step: "0", task: "facts.double", attempt: 1, place: "root" }
  const text = JSON.stringify({ _tag: "EvalError", name: "EvalError", message: "boo", code: "x" })
  await new Records(broker).commit({ address, keep: 60_000 }, runPlace, {
    tag: "Failed",
    value: { text },
    step: "0",
    attempt: 1,
    worker: "w",
    began: 1,
    ended: 2,
    decided: facts
  })
  const error = await run.result().catch((cause: unknown) => cause)
  expect(error).not.toBeInstanceOf(EvalError)
  expect(error).toMatchObject({ _tag: "InvalidResult" })
})

test("the longest names there may be make a subject of at most 256 bytes", () => {
  const token = (length: number): string => "x".repeat(length)
  const address = { owner: token(16), instance: token(12), run: token(24) }
  const subject = callSubject(token(32), address, {
    queue: token(32),
    level: "0",
    task: token(96),
    node: token(22),
    index: "99999"
  })
  expect(Buffer.byteLength(subject)).toBeLessThanOrEqual(256)
})
