/** Fact: a leaf node carries what is published on one side to the other, where a second stream of the namespace would take it, too. */
import { connect as connectTo } from "@nats-io/transport-node"
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { chain, connect, map, startWorker, task } from "arpeggio"
import { connectNats } from "../../src/nats/broker.ts"
import { streamSubjects } from "../../src/encode/subjects.ts"
import type { NatsServer } from "../nats-server.ts"
import { joinedForTest } from "./leaf.ts"
import { brokerForTest, bytes, namespace, record, textOf } from "./fixture.ts"

const quiet = { print: () => {} }

/** Whether the server's own JetStream has a stream of the namespace. */
const holds = async (server: NatsServer): Promise<boolean> => {
  const connection = await connectTo({ servers: server.url })
  onTestFinished(() => connection.close())
  const answer = await connection.request(`$JS.API.STREAM.INFO.arpeggio-${namespace}`, "{}")
  return answer.json<{ error?: unknown }>().error === undefined
}

/** A stream of somebody else's at that server. */
const archive = async (server: NatsServer, name: string): Promise<void> => {
  const connection = await connectTo({ servers: server.url })
  onTestFinished(() => connection.close())
  const config = { name, subjects: [streamSubjects(namespace)], retention: "limits" }
  await connection.request(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify(config))
}

const refusal = (options: Parameters<typeof connect>[0]): Promise<unknown> =>
  connect({ namespace, ...quiet, ...options }).then(
    (app) => app.close(),
    (error: unknown) => error
  )

test("with `domain` both sides use one JetStream: everything is stored and executed once", async () => {
  const { hub, leaf } = await joinedForTest()
  const ran: Array<string> = []
  const note = task("domain.note", { input: [Schema.Finite], output: Schema.Finite }, (n) => {
    ran.push(`note ${n}`)
    return n + 1
  })
  const large = task("domain.large", { input: [Schema.Finite], output: Schema.String }, (n) => {
    ran.push(`large ${n}`)
    return "x".repeat(n * 100_000)
  })
  const many = task(
    "domain.many",
    { input: [Schema.Finite], output: Schema.Array(Schema.Finite) },
    (n) => Array.from({ length: n }, (_, at) => at)
  )
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const there = { servers: leaf.url, namespace, domain: "hub", print }
  await using _far = await startWorker([note, large, many], there)
  await using _near = await startWorker([note], { servers: hub.url, namespace, print })
  await using app = await connect(there)
  expect(await app.run(chain(note(1), large()))).toHaveLength(200_000)
  const total = await app.run(chain(many(30), map(note())))
  expect(total).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
  expect(ran).toHaveLength(32)
  expect(new Set(ran).size).toBe(32 - 1)
  expect(await holds(hub)).toBe(true)
  expect(await holds(leaf)).toBe(false)
  expect(lines[0]).toContain(`namespace ${namespace} in JetStream domain hub`)
  expect(await app.health()).toMatchObject({ ok: true, problems: [] })
})

test("a leaf that has no JetStream of its own will do", async () => {
  const { leaf } = await joinedForTest({ hub: { domain: "hub" }, leaf: { jetstream: false } })
  expect(await refusal({ servers: leaf.url })).toMatchObject({ reason: "NoJetStream" })
  const broker = await brokerForTest(leaf, {}, { domain: "hub" })
  const subject = record("run1")
  await broker.publish({ subject, body: bytes("here"), unless: subject })
  expect(textOf((await broker.read(subject))?.body)).toBe("here")
})

test("calls held over the leaf node go on when the hub was killed and is back", async () => {
  const { hub, leaf } = await joinedForTest()
  const double = task(
    "domain.double",
    { input: [Schema.Finite], output: Schema.Finite },
    (n) => n * 2
  )
  const there = { servers: leaf.url, namespace, domain: "hub", ...quiet }
  await using _worker = await startWorker([double], there)
  await using app = await connect(there)
  expect(await app.run(double(1))).toBe(2)
  hub.kill()
  const late = app.run(double(2))
  await hub.restart()
  expect(await late).toBe(4)
}, 60_000)

test("where the stream is on the other side, none is made, and the words name the way out", async () => {
  const { hub, leaf } = await joinedForTest()
  await brokerForTest(hub)
  const error = await refusal({ servers: leaf.url })
  expect(error).toMatchObject({ reason: "Misconfigured" })
  expect(String(error)).toMatch(
    /arpeggio-shop is not at 127\.0\.0\.1:\d+ \(JetStream domain "edge"\).*taken by a stream arpeggio-shop already.*Give `domain`/
  )
  expect(await holds(leaf)).toBe(false)
  // With a domain of its own each side is safe, and both keep apart by another namespace.
  await brokerForTest(leaf, {}, { domain: "hub" })
  await brokerForTest(leaf, {}, { namespace: "till" })
})

test("a stream of another name that takes the same subjects is named, too", async () => {
  const { hub, leaf } = await joinedForTest({})
  await archive(hub, "archive")
  expect(String(await refusal({ servers: leaf.url }))).toMatch(/taken by a stream archive already/)
  // In one JetStream the server itself refuses it.
  expect(String(await refusal({ servers: hub.url }))).toMatch(/subjects overlap/)
})

test("processes that start at once beside each other make one stream, and blame nobody", async () => {
  const { leaf } = await joinedForTest()
  const all = await Promise.all(Array.from({ length: 12 }, () => brokerForTest(leaf)))
  for (const broker of all) expect((await broker.health()).problems).toEqual([])
})

test("what cannot be a domain, or is none, is refused in words", async () => {
  const { leaf } = await joinedForTest()
  for (const domain of ["", "a.b", "*", ">", "a b", 7]) {
    expect(await refusal({ servers: leaf.url, domain: domain as string })).toMatchObject({
      reason: "Misconfigured",
      message: expect.stringContaining("domain is the name of a JetStream domain")
    })
  }
  const nowhere = await connectNats(
    { servers: leaf.url, namespace, domain: "nowhere" },
    { attempt: 300 }
  ).catch(String)
  expect(nowhere).toContain('nobody answers for the JetStream domain "nowhere"')
  await brokerForTest(leaf, {}, { domain: "edge" })
})

test("a user who may not look is let in, and asks no more", async () => {
  const { leaf } = await joinedForTest()
  await leaf.restart(
    `authorization { users: [{ user: me, password: p, permissions: { publish: { deny: "${namespace}.i._._._._._._._._" } } }] }`
  )
  const broker = await brokerForTest(
    { url: `nats://me:p@127.0.0.1:${leaf.port}` },
    { rival: 20, overall: 3_000 }
  )
  await broker.consume({ queue: "default", level: "0" }, () => {})
  expect((await broker.health()).problems).toEqual([])
})
