/** The project's own server, its supervisor or all of its processes are killed: nothing is left behind, and the next start is clean. */
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { chmodSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import {
  afterwards,
  childrenOf,
  ended,
  eventually,
  makeProject,
  readRecord,
  serversOf,
  startMember,
  supervisorOf
} from "./project.ts"

vi.setConfig({ testTimeout: 60_000 })

const client = async (directory: string): Promise<NatsConnection> => {
  const servers = readRecord(directory)?.url ?? "no record"
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  afterwards(() => connection.close())
  return connection
}

/** Puts a message into a stream with file storage. */
const keepMessage = async (connection: NatsConnection): Promise<void> => {
  const stream = { name: "kept", subjects: ["kept.>"], storage: "file" }
  await connection.request("$JS.API.STREAM.CREATE.kept", JSON.stringify(stream))
  const ack = (await connection.request("kept.one", "still here")).json()
  expect(ack).toMatchObject({ stream: "kept", seq: 1 })
}

const keptMessage = (connection: NatsConnection): Promise<string> =>
  eventually("the stored message can be read", async () => {
    const query = JSON.stringify({ last_by_subj: "kept.one" })
    const answer = await connection
      .request("$JS.API.STREAM.MSG.GET.kept", query, { timeout: 1000 })
      .catch(() => undefined)
    const data = answer?.json<{ message?: { data: string } }>().message?.data
    return data === undefined ? undefined : Buffer.from(data, "base64").toString()
  })

const nextRecord = (directory: string, before: number) =>
  eventually("the server is started again", async () => {
    const record = readRecord(directory)
    return record !== undefined && record.generation > before ? record : undefined
  })

/** Two processes on one server, and a message in its store. */
const two = async () => {
  const directory = makeProject()
  const first = startMember(directory)
  await first.line("source")
  const second = startMember(directory)
  await second.line("source")
  const connection = await client(directory)
  await keepMessage(connection)
  const supervisor = supervisorOf(directory)!.pid
  return { directory, first, second, connection, supervisor, before: readRecord(directory)! }
}

/** One of them has started it again on the same port and store, and the other has joined; both keep it. */
const goesOn = async (place: Awaited<ReturnType<typeof two>>): Promise<void> => {
  const { directory, first, second, connection, supervisor, before } = place
  const after = await nextRecord(directory, before.generation)
  await ended(before.pid)
  await ended(supervisor)
  expect(after.port).toBe(before.port)
  expect(await keptMessage(connection)).toBe("still here")
  expect(serversOf(directory)).toEqual([after.pid])
  first.tell("release")
  await first.line("released")
  expect(await keptMessage(connection)).toBe("still here")
  second.tell("release")
  await second.line("released")
  await ended(after.pid)
}

test("the server is SIGKILLed: those that need it start it again, once", async () => {
  const place = await two()
  process.kill(place.before.pid, "SIGKILL")
  await goesOn(place)
})

test("the supervisor is SIGKILLed: its server ends, and those that need it start another, once", async () => {
  const place = await two()
  process.kill(place.supervisor, "SIGKILL")
  await goesOn(place)
})

test("supervisor and guard are SIGKILLed: the server left alone is stopped before the store is used again", async () => {
  const place = await two()
  const guards = childrenOf(place.supervisor).filter((pid) => pid !== place.before.pid)
  expect(guards).toHaveLength(1)
  // The guard first: it would stop the server.
  for (const pid of [...guards, place.supervisor]) process.kill(pid, "SIGKILL")
  await goesOn(place)
})

test("all processes of ours are SIGKILLed at once: the server does not stay, and the next start is clean", async () => {
  const { directory, first, second, supervisor, before } = await two()
  for (const pid of [first.pid, second.pid, supervisor]) process.kill(pid, "SIGKILL")
  await ended(before.pid)
  expect(serversOf(directory)).toEqual([])
  const next = startMember(directory)
  expect(await next.line("source")).toMatchObject({ source: "embedded", servers: [before.url] })
  expect(await keptMessage(await client(directory))).toBe("still here")
})

test("the one that starts it is SIGKILLed while it does: nothing stays, and the next start is clean", async () => {
  const directory = makeProject()
  const fake = join(directory, "nats-server")
  writeFileSync(fake, '#!/bin/sh\n[ "$1" = --version ] && echo v2.14.0 || exec sleep 1000\n')
  chmodSync(fake, 0o755)
  const starter = startMember(directory, { NATS_SERVER_BIN: fake })
  const supervisor = await eventually("a supervisor with its server", async () => {
    const holder = supervisorOf(directory)
    const itself = holder === undefined || holder.pid === starter.pid
    return itself || childrenOf(holder.pid).length < 2 ? undefined : holder.pid
  })
  const children = childrenOf(supervisor)
  starter.process.kill("SIGKILL")
  for (const pid of [supervisor, ...children]) await ended(pid)
  expect(await startMember(directory).line("source")).toMatchObject({ source: "embedded" })
})

test("one that may not start the server can be released while there is none", async () => {
  const directory = makeProject()
  const first = startMember(directory)
  await first.line("source")
  const deployed = startMember(directory, { NODE_ENV: "production" })
  expect(await deployed.line("source")).toMatchObject({ source: "project" })
  const { pid } = readRecord(directory)!
  first.tell("exit")
  await first.exit
  process.kill(supervisorOf(directory)!.pid, "SIGKILL")
  await ended(pid)
  deployed.tell("release")
  deployed.process.stdin?.end()
  expect(await deployed.exit).toBe(0)
  expect(deployed.lines.at(-1)).toEqual({ released: true })
})

test.each([
  ["a new one starts", false],
  // Its lock has the name of the one that was removed.
  ["another process starts one", true]
])(
  "the store's directory is removed under a running server: that ends, and %s",
  async (_, more) => {
    const directory = makeProject()
    const member = startMember(directory)
    await member.line("source")
    const before = readRecord(directory)!
    const supervisor = supervisorOf(directory)!.pid
    rmSync(join(directory, ".arpeggio"), { recursive: true, force: true })
    if (more) await startMember(directory).line("source")
    await ended(before.pid)
    await ended(supervisor)
    const after = await eventually("a new server", async () => readRecord(directory))
    expect(serversOf(directory)).toEqual([after.pid])
  }
)
