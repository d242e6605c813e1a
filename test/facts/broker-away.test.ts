/** Fact: the client library gives up for good 18.7 s after the broker dies. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { task } from "arpeggio"
import { connectNats } from "../../src/nats/broker.ts"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { clientAt, double, namespace, tookHere, workerAt } from "./place.ts"

test("more failed reconnections than the library's ten, and all works again within five seconds", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const worker = await workerAt(server, [double], {}, { print: (line) => lines.push(line) })
  const app = await clientAt(server)
  expect(await app.run(double(1))).toBe(2)
  let returns = 0
  const watcher = await brokerForTest(server)
  watcher.onReconnect(() => {
    returns += 1
  })
  server.kill()
  // An attempt begins every 250 to 500 ms, so this is more than twenty of them.
  const until = Date.now() + 9_000
  await expect.poll(() => Date.now() > until, { timeout: 15_000 }).toBe(true)
  expect((await worker.health()).connection.connected).toBe(false)
  const waiting = app.run(double(2))
  await server.restart()
  const recovery = await tookHere(async () => expect(await waiting).toBe(4))
  expect(recovery).toBeLessThan(5_000)
  expect(await tookHere(() => app.run(double(3)))).toBeLessThan(5_000)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
  await expect.poll(async () => (await watcher.health()).ok).toBe(true)
  expect(returns).toBe(1)
  expect(lines.filter((line) => line.includes("lost NATS"))).toHaveLength(1)
  expect(lines.filter((line) => line.includes("again"))).toHaveLength(2)
}, 40_000)

test("what waits goes on waiting, although each of its questions has been given up meanwhile", async () => {
  const server = await serverForTest()
  // An outage longer than every patience, as an hour is for the usual ones.
  const impatient = { attempt: 300, overall: 1_500, lease: 1_000, beat: 200, clock: 200 }
  const app = await clientAt(server, impatient)
  let begin: () => void = () => {}
  let finish: () => void = () => {}
  const began = new Promise<void>((resolve) => (begin = resolve))
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const held = task("facts.held", { input: [Schema.Finite], output: Schema.Finite }, async (x) => {
    begin()
    await finished
    return x
  })
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const worker = await workerAt(server, [double, held], impatient, { print })
  // The start has been answered for before the server dies, however slow the machine.
  const run = await app.start(held(5))
  const waiting = run.result()
  await began
  server.kill()
  await expect.poll(async () => (await worker.health()).connection.connected).toBe(false)
  // Its outcome cannot be stored: the call is left, and runs again.
  finish()
  await expect
    .poll(() => lines.join("\n"), { timeout: 5_000 })
    .toContain("a call was left to be delivered again")
  await expect(app.run(double(1))).rejects.toMatchObject({ reason: "Unreachable" })
  const away = Date.now() + 6_000
  await expect.poll(() => Date.now() > away, { timeout: 10_000 }).toBe(true)
  await server.restart()
  expect(await tookHere(async () => expect(await waiting).toBe(5))).toBeLessThan(5_000)
  expect(await app.run(double(2))).toBe(4)
  expect(await worker.health()).toMatchObject({ ok: true })
}, 40_000)

const users = (password: string): string =>
  `authorization { users: [{ user: me, password: "${password}" }] }`

test("the first connection with wrong credentials fails at once", async () => {
  const server = await serverForTest({ configuration: users("one") })
  const wrong = { user: "me", pass: "wrong" }
  const connecting = connectNats({ servers: server.url, namespace, authentication: wrong })
  const time = await tookHere(() => expect(connecting).rejects.toMatchObject({ reason: "Refused" }))
  expect(time).toBeLessThan(2_000)
})
