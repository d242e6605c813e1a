/** The project's own server passes from one process to the next, with its port and its store. */
import { connect } from "@nats-io/transport-node"
import type { NatsConnection } from "@nats-io/transport-node"
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import {
  afterwards,
  ended,
  eventually,
  keeperOf,
  makeProject,
  readRecord,
  startMember
} from "./project.ts"

// Several processes start one after the other in each test, and a busy machine takes its time.
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
  eventually("another process starts the server", async () => {
    const record = readRecord(directory)
    return record !== undefined && record.generation > before ? record : undefined
  })

/** An owner, another process, a message in the store; then the owner goes in the given way. */
const handOver = async (leave: (owner: ReturnType<typeof startMember>) => void): Promise<void> => {
  const directory = makeProject()
  const owner = startMember(directory)
  expect(await owner.line("source")).toMatchObject({ source: "embedded" })
  const before = readRecord(directory)!
  const keeper = keeperOf(directory)
  const other = startMember(directory)
  expect(await other.line("source")).toMatchObject({ source: "project", servers: [before.url] })
  const connection = await client(directory)
  await keepMessage(connection)

  leave(owner)

  const after = await nextRecord(directory, before.generation)
  expect(after.port).toBe(before.port)
  expect(await keptMessage(connection)).toBe("still here")
  await ended(before.pid)
  await ended(keeper)
  expect(await other.line("said")).toMatchObject({ said: expect.stringContaining(before.url) })
  other.tell("release")
  await other.line("released")
  await ended(after.pid)
}

test("owner exits", async () => {
  await handOver((owner) => owner.tell("exit"))
})

test("owner releases and lives on", async () => {
  await handOver((owner) => owner.tell("release"))
})

test("owner throws", async () => {
  await handOver((owner) => owner.tell("throw"))
})

test("owner SIGKILLed", async () => {
  await handOver((owner) => owner.process.kill("SIGKILL"))
})

test("Ctrl-C reaches the worker's group, not the server it drains with", async () => {
  const directory = makeProject()
  const owner = startMember(directory, {}, ["drain"])
  await owner.line("source")
  const { pid } = readRecord(directory)!
  process.kill(-owner.pid, "SIGINT")
  expect(await owner.line("drained")).toEqual({ drained: "open" })
  expect(await owner.exit).toBe(0)
  expect(() => process.kill(pid, 0)).toThrow("ESRCH")
})

test("the server itself is SIGKILLed: it is started again", async () => {
  const directory = makeProject()
  const owner = startMember(directory)
  await owner.line("source")
  const before = readRecord(directory)!
  process.kill(before.pid, "SIGKILL")
  const after = await nextRecord(directory, before.generation)
  expect(after.port).toBe(before.port)
})

test("owner and supervisor SIGKILLed: the server left alone is stopped before the store is used again", async () => {
  const directory = makeProject()
  const owner = startMember(directory)
  await owner.line("source")
  const before = readRecord(directory)!
  const other = startMember(directory)
  await other.line("source")
  const connection = await client(directory)
  await keepMessage(connection)
  const keeper = keeperOf(directory)
  owner.process.kill("SIGKILL")
  process.kill(keeper, "SIGKILL")
  const after = await nextRecord(directory, before.generation)
  await ended(before.pid)
  expect(after.port).toBe(before.port)
  expect(await keptMessage(connection)).toBe("still here")
})

test("both start at once: one server, both find it", async () => {
  const directory = makeProject()
  const members = [1, 2, 3].map(() => startMember(directory))
  const found = await Promise.all(members.map((member) => member.line("source")))
  const record = readRecord(directory)!
  expect(found.map((line) => line["source"]).toSorted()).toEqual(["embedded", "project", "project"])
  expect(found.map((line) => line["servers"])).toEqual([[record.url], [record.url], [record.url]])
  const said = members.flatMap((member) => member.lines.filter((line) => "said" in line))
  expect(said).toEqual([
    {
      said: `arpeggio: started nats-server ${record.version} on ${record.url}, data in .arpeggio (development only)`
    }
  ])
})

test("the last one's release leaves no process and no server.json", async () => {
  const directory = makeProject()
  const owner = startMember(directory)
  await owner.line("source")
  const { pid } = readRecord(directory)!
  const keeper = keeperOf(directory)
  owner.tell("release")
  await owner.line("released")
  // Not `ended`: release has waited already.
  expect(() => process.kill(pid, 0)).toThrow("ESRCH")
  expect(() => process.kill(keeper, 0)).toThrow("ESRCH")
  expect(existsSync(join(directory, ".arpeggio/server.json"))).toBe(false)
  expect(readFileSync(join(directory, ".arpeggio/.gitignore"), "utf8")).toBe("*\n")
  expect(
    readdirSync(join(directory, ".arpeggio")).filter((name) => name.startsWith("lock."))
  ).toHaveLength(2)
})

test("a process with nothing left to do ends, and an owner's server with it", async () => {
  const directory = makeProject()
  const owner = startMember(directory)
  await owner.line("source")
  const { pid } = readRecord(directory)!
  expect(await startMember(directory, {}, ["idle"]).exit).toBe(0)
  owner.process.stdin?.end()
  expect(await owner.exit).toBe(0)
  await ended(pid)
})

test("one that may not start the server can be released while there is none", async () => {
  const directory = makeProject()
  const owner = startMember(directory)
  await owner.line("source")
  const deployed = startMember(directory, { NODE_ENV: "production" })
  expect(await deployed.line("source")).toMatchObject({ source: "project" })
  const { pid } = readRecord(directory)!
  owner.process.kill("SIGKILL")
  await ended(pid)
  deployed.tell("release")
  deployed.process.stdin?.end()
  expect(await deployed.exit).toBe(0)
  expect(deployed.lines.at(-1)).toEqual({ released: true })
})

test("the store's directory is removed under a running server: that server ends, a new one starts", async () => {
  const directory = makeProject()
  const owner = startMember(directory)
  await owner.line("source")
  const before = readRecord(directory)!
  rmSync(join(directory, ".arpeggio"), { recursive: true, force: true })
  await ended(before.pid)
  await eventually("a new server", async () => {
    const record = readRecord(directory)
    return record !== undefined && record.pid !== before.pid ? record : undefined
  })
})
