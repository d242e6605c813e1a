/** An operator lowers `max_payload` under running workers and clients: the server tells only whoever connects anew. */
import * as Schema from "effect/Schema"
import { chain, map, task } from "arpeggio"
import { expect, onTestFinished, test } from "vitest"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { clientAt, took, workerAt } from "./place.ts"

const large = (letter: string, kilobytes = 200): string => letter.repeat(kilobytes * 1024)

const serverForTest = async (): Promise<NatsServer> => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  return server
}

const lowered = "max_payload: 64KB"

/** A promise and what resolves it. */
const gate = (): { readonly passed: Promise<void>; open(): void } => {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

/** Less than the lease: nothing waits for a second delivery. */
const soon = 20_000

test("a result that is on its way is stored in smaller parts", async () => {
  const server = await serverForTest()
  const begun = gate()
  const go = gate()
  const write = task("write", { input: [Schema.String], output: Schema.String }, async (letter) => {
    begun.open()
    await go.passed
    return large(letter)
  })
  await workerAt(server, [write])
  const app = await clientAt(server)
  const run = await app.start(write("r"))
  await begun.passed
  await server.reload(lowered)
  go.open()
  const time = await took(async () => expect(await run.result()).toBe(large("r")))
  expect(time).toBeLessThan(soon)
}, 60_000)

test("inputs of starts, and their results", async () => {
  const server = await serverForTest()
  const echo = task("echo", { input: [Schema.String], output: Schema.String }, (text) => text)
  const sum = task(
    "sum",
    { input: [Schema.Array(Schema.String)], output: Schema.Finite },
    (texts) => texts.join("").length
  )
  await workerAt(server, [echo, sum])
  const app = await clientAt(server)
  await server.reload(lowered)
  const time = await took(async () => {
    expect(await app.run(echo(large("i")))).toBe(large("i"))
    const texts = ["a", "b", "c"].map((letter) => large(letter, 100))
    expect(await app.run(sum(texts))).toBe(300 * 1024)
  })
  expect(time).toBeLessThan(soon)
}, 60_000)

test("a call whose input was queued whole is tried again", async () => {
  const server = await serverForTest()
  const begun = gate()
  const go = gate()
  const seen: Array<number> = []
  const shaky = task(
    "shaky",
    { input: [Schema.String], output: Schema.Finite, retry: { times: 2, initial: "100 millis" } },
    async (text) => {
      seen.push(text.length)
      begun.open()
      await go.passed
      if (seen.length < 3) throw new Error("not yet")
      return text.length
    }
  )
  await workerAt(server, [shaky])
  const app = await clientAt(server)
  const run = await app.start(shaky(large("t")))
  await begun.passed
  await server.reload(lowered)
  go.open()
  const time = await took(async () => expect(await run.result()).toBe(200 * 1024))
  expect(time).toBeLessThan(soon)
  expect(seen).toEqual([200 * 1024, 200 * 1024, 200 * 1024])
}, 60_000)

test("a list that a map is over is kept in parts", async () => {
  const server = await serverForTest()
  const begun = gate()
  const go = gate()
  const list = task(
    "list",
    { input: [Schema.Finite], output: Schema.Array(Schema.String) },
    async (count) => {
      begun.open()
      await go.passed
      return Array.from({ length: count }, (_, at) => String(at).repeat(500))
    }
  )
  const measure = task(
    "measure",
    { input: [Schema.String], output: Schema.Finite },
    (text) => text.length
  )
  await workerAt(server, [list, measure])
  const app = await clientAt(server)
  const run = await app.start(chain(list(150), map(measure())))
  await begun.passed
  await server.reload(lowered)
  go.open()
  const time = await took(async () => expect(await run.result()).toHaveLength(150))
  expect(time).toBeLessThan(soon)
}, 60_000)

test("what a worker gives back as it leaves is given back in parts", async () => {
  const server = await serverForTest()
  const begun = gate()
  let tries = 0
  const wait = task("wait", { input: [Schema.String], output: Schema.Finite }, async (text) => {
    tries += 1
    if (tries > 1) return text.length
    begun.open()
    return new Promise<number>(() => {})
  })
  const first = await workerAt(server, [wait])
  const app = await clientAt(server)
  const run = await app.start(wait(large("g")))
  await begun.passed
  await server.reload(lowered)
  await first.drain()
  await workerAt(server, [wait])
  const time = await took(async () => expect(await run.result()).toBe(200 * 1024))
  expect(time).toBeLessThan(soon)
  expect(tries).toBe(2)
}, 60_000)

test("restarted with less, and raised again", async () => {
  const server = await serverForTest()
  const echo = task("echo", { input: [Schema.String], output: Schema.String }, (text) => text)
  await workerAt(server, [echo])
  const app = await clientAt(server)
  await server.restart("max_payload: 8KB")
  expect(await app.run(echo(large("x")))).toBe(large("x"))
  await server.restart("max_payload: 8MB")
  expect(await app.run(echo(large("y", 3_000)))).toBe(large("y", 3_000))
}, 60_000)
