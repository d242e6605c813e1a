/** Fact: at the limit of an account nothing is stored, and a timer that is due then is not tried again; what is accepted ends all the same once there is room. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { connect } from "@nats-io/transport-node"
import { BrokerError, type Run, task } from "arpeggio"
import { brokerForTest, bytes, serverForTest, textOf } from "../nats/fixture.ts"
import { clientAt, namespace, stream, workerAt } from "./place.ts"

const account = (megabytes: number): string =>
  `accounts { A { jetstream { max_mem: 1MB, max_file: ${megabytes}MB }, users: [{ user: u, password: p }] } }\nno_auth_user: u`

/** Another stream of the same account, which can take all that is left of it. */
const neighbour = async (url: string) => {
  const connection = await connect({ servers: url })
  onTestFinished(() => connection.close())
  const ask = async (subject: string, body: string): Promise<{ readonly error?: unknown }> =>
    (await connection.request(subject, body, { timeout: 5_000 })).json()
  const api = (verb: string, body: object = {}) => ask(`$JS.API.${verb}`, JSON.stringify(body))
  await api("STREAM.CREATE.NEIGHBOUR", { name: "NEIGHBOUR", subjects: ["eaten"], storage: "file" })
  const eat = async (): Promise<void> => {
    for (const size of [100_000, 1_000, 1]) {
      for (let full = false; !full;) {
        full = (await ask("eaten", "e".repeat(size))).error !== undefined
      }
    }
  }
  const leave = () => api("STREAM.DELETE.NEIGHBOUR")
  const pieces = async (): Promise<number> => {
    const filter = { subjects_filter: `${namespace}.b.>` }
    const info = (await api(`STREAM.INFO.${stream}`, filter)) as {
      readonly state?: { readonly subjects?: Readonly<Record<string, number>> }
    }
    return Object.keys(info.state?.subjects ?? {}).length
  }
  return { eat, leave, pieces }
}

/** Holds until it is told to go on; says how often it was executed. */
const held = () => {
  let goOn = (): void => {}
  const open = new Promise<void>((resolve) => (goOn = resolve))
  const executed: Array<number> = []
  const hold = task("facts.hold", { input: [Schema.Finite], output: Schema.Finite }, async (x) => {
    executed.push(x)
    await open
    return x
  })
  return { hold, executed, goOn }
}

const impatient = { upkeep: 100 }

test("starts are refused while there still is room for outcomes, and what was accepted ends", async () => {
  const server = await serverForTest({ configuration: account(2) })
  const app = await clientAt(server)
  const text = "y".repeat(50_000)
  const length = task(
    "facts.length",
    { input: [Schema.String], output: Schema.Finite },
    (x) => x.length
  )
  const runs: Array<Run<number>> = []
  const fill = async (): Promise<void> => {
    for (;;) runs.push(await app.start(length(text)))
  }
  const refusal = await fill().catch((cause: unknown) => cause)
  expect(refusal).toBeInstanceOf(BrokerError)
  expect(refusal).toMatchObject({ reason: "Full" })
  expect(String(refusal)).toMatch(
    /the account has .* KB left of 2\.0 MB .*Raise the account's JetStream limit/
  )
  // What is small is refused too: it is not the bytes, but the room that is kept.
  await expect(app.start(length("x"))).rejects.toMatchObject({ reason: "Full" })
  await expect(app.start(length("x").with({ key: "k" }))).rejects.toMatchObject({ reason: "Full" })
  const { ok, room, problems } = await app.health()
  expect(ok).toBe(false)
  expect(room).toMatchObject({ of: "account", limit: 2 * 1024 ** 2 })
  expect(problems.join()).toContain("new runs are refused")
  await workerAt(server, [length])
  expect(new Set(await Promise.all(runs.map((run) => run.result())))).toEqual(new Set([50_000]))
  await expect.poll(async () => (await app.health()).ok).toBe(true)
  await expect.poll(() => app.run(length("x").with({ key: "k" })).catch(String)).toBe(1)
})

for (const how of ["the limit is raised", "another stream is removed"] as const) {
  test(`what could not be stored is stored without executing it again when ${how}`, async () => {
    const server = await serverForTest({ configuration: account(2) })
    const { eat, leave } = await neighbour(server.url)
    const app = await clientAt(server)
    const { hold, executed, goOn } = held()
    const lines: Array<string> = []
    const worker = await workerAt(server, [hold], {}, { print: (line) => lines.push(line) })
    const runs = await Promise.all(Array.from({ length: 60 }, (_, at) => app.start(hold(at))))
    await expect.poll(() => executed.length).toBe(20)
    await eat()
    goOn()
    await expect
      .poll(async () => (await worker.health()).problems.join(), { timeout: 20_000 })
      .toContain("nothing can be stored, so no further calls are taken")
    await expect.poll(() => lines.join(), { timeout: 20_000 }).toContain("nothing can be stored")
    // Nothing is taken while nothing can be stored.
    expect(executed.length).toBeLessThanOrEqual(60)
    if (how === "the limit is raised") await server.reload(account(20))
    else await leave()
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map((_, at) => at))
    expect(executed.toSorted((left, right) => left - right)).toEqual(runs.map((_, at) => at))
    await expect.poll(async () => (await worker.health()).ok, { timeout: 20_000 }).toBe(true)
  }, 60_000)
}

for (const [whose, configuration] of [
  ["account", account(2)],
  ["server", undefined]
] as const) {
  test(`room that is kept back is given up for outcomes, and put back: limit of the ${whose}`, async () => {
    const server = await serverForTest(
      configuration === undefined
        ? {
            jetstream: false,
            configuration: `jetstream { store_dir: "${mkdtempSync(join(tmpdir(), "arpeggio-full-"))}", max_file_store: 2MB }`
          }
        : { configuration }
    )
    const { eat, leave, pieces } = await neighbour(server.url)
    const app = await clientAt(server)
    const { hold, executed, goOn } = held()
    await workerAt(server, [hold], impatient)
    await expect.poll(pieces).toBe(32)
    const runs = await Promise.all(Array.from({ length: 10 }, (_, at) => app.start(hold(at))))
    await expect.poll(() => executed.length).toBe(10)
    await eat()
    goOn()
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map((_, at) => at))
    expect(executed).toHaveLength(10)
    await leave()
    await expect.poll(pieces, { timeout: 20_000 }).toBe(32)
    expect(await app.run(hold(99))).toBe(99)
  }, 60_000)
}

test("a timer that is due while nothing can be stored is not tried again by the server, and is set again by a worker", async () => {
  const server = await serverForTest({ configuration: account(2) })
  const { eat, leave } = await neighbour(server.url)
  const broker = await brokerForTest(server, {}, { namespace })
  const at = (kind: string, node: string): string =>
    `${namespace}.${kind}._._._.app.i1.run1.${node}._`
  const timer = { subject: at("s", "1"), body: bytes("due") }
  const due = broker.now() + 1_500
  await broker.publish({ ...timer, fire: { time: due, target: at("i", "fired") } })
  await eat()
  await expect.poll(() => broker.now(), { timeout: 5_000 }).toBeGreaterThan(due + 1_000)
  expect(await broker.read(at("i", "fired"))).toBeUndefined()
  await leave()
  // It had several seconds' time, and others fire.
  const later = { ...timer, subject: at("s", "2") }
  await broker.publish({ ...later, fire: { time: broker.now(), target: at("i", "later") } })
  await expect.poll(async () => textOf((await broker.read(at("i", "later")))?.body)).toBe("due")
  expect(await broker.read(at("i", "fired"))).toBeUndefined()
  expect(await broker.count(at("s", "1"))).toBe(1)
  // A worker hears of it when something finds no room.
  const again = await neighbour(server.url)
  const app = await clientAt(server)
  const { hold, executed, goOn } = held()
  await workerAt(server, [hold], impatient)
  await expect.poll(again.pieces).toBe(32)
  const run = await app.start(hold(1))
  await expect.poll(() => executed.length).toBe(1)
  await again.eat()
  goOn()
  expect(await run.result()).toBe(1)
  await again.leave()
  await expect
    .poll(async () => textOf((await broker.read(at("i", "fired")))?.body), { timeout: 20_000 })
    .toBe("due")
}, 60_000)
