/** The project's own server runs while any process of the project needs it, whichever of them started it. */
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Schema from "effect/Schema"
import { expect, test, vi } from "vitest"
import { task } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { pause } from "../../src/dev-server/poll.ts"
import { lingering } from "../../src/dev-server/supervisor-program.ts"
import { connectNats } from "../../src/nats/broker.ts"
import {
  afterwards,
  childrenOf,
  ended,
  eventually,
  makeProject,
  type Member,
  readRecord,
  serversOf,
  startMember,
  supervisorOf
} from "./project.ts"

// Several processes start one after the other in each test, and a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

/** As watchers do with what they restart. */
const killTree = (pid: number): void => {
  for (const child of childrenOf(pid)) killTree(child)
  process.kill(pid, "SIGKILL")
}

/** The ways in which a process goes. */
const ways: ReadonlyArray<readonly [string, (member: Member) => void]> = [
  ["exits", (member) => member.tell("exit")],
  ["throws", (member) => member.tell("throw")],
  ["is SIGKILLed", (member) => void member.process.kill("SIGKILL")],
  ["is SIGKILLed with all that descends from it", (member) => killTree(member.pid)],
  ["releases it and lives on", (member) => member.tell("release")]
]

const gone = (member: Member): Promise<unknown> =>
  Promise.race([member.exit, member.line("released")])

/** A connection, and all that was said of it so far. */
const watched = async (url: string) => {
  const connection: NatsConnection = await connect({ servers: url })
  afterwards(() => connection.close())
  const said: Array<string> = []
  const listen = async (): Promise<void> => {
    for await (const { type } of connection.status()) said.push(type)
  }
  void listen()
  return { connection, said }
}

const slow = task("dev.slow", { input: [Schema.String], output: Schema.String })

test("ten processes that start at once share one server", async () => {
  const directory = makeProject()
  const members = Array.from({ length: 10 }, () => startMember(directory))
  const found = await Promise.all(members.map((member) => member.line("source")))
  const record = readRecord(directory)!
  const started = found.filter(({ source }) => source === "embedded")
  expect(started).toHaveLength(1)
  expect(found.filter(({ source }) => source === "project")).toHaveLength(9)
  expect(new Set(found.map(({ servers }) => String(servers)))).toEqual(new Set([record.url]))
  expect(serversOf(directory)).toEqual([record.pid])
  const said = members.flatMap((member) => member.lines.filter((line) => "said" in line))
  expect(said).toEqual([
    {
      said: `arpeggio: started nats-server ${record.version} on ${record.url}, data in .arpeggio (development only)`
    }
  ])
})

test.each(ways)("the one that started it %s, and the others notice nothing", async (_, leave) => {
  const directory = makeProject()
  const first = startMember(directory)
  expect(await first.line("source")).toMatchObject({ source: "embedded" })
  const before = readRecord(directory)!
  const worker = startMember(directory, {}, [], "worker.ts")
  const { connection, said } = await watched(before.url)
  const broker = await connectNats({ servers: before.url, namespace: "default" })
  const app = await clientOver(broker)
  afterwards(() => app.close())
  const run = await app.start(slow("the run"))
  await eventually("the step has begun", async () =>
    existsSync(join(directory, "begun")) ? true : undefined
  )

  leave(first)
  await gone(first)

  // One that comes later finds the same server.
  const later = startMember(directory)
  expect(await later.line("source")).toMatchObject({ source: "project", servers: [before.url] })
  writeFileSync(join(directory, "go-on"), "")
  expect(await run.result()).toBe("the run is done")
  await connection.flush()
  expect(said).toEqual([])
  expect(readRecord(directory)).toEqual(before)
  expect(worker.lines).toEqual([])
})

test.each(ways)("the last one %s: within seconds all is gone but the data", async (_, leave) => {
  const directory = makeProject()
  const first = startMember(directory)
  await first.line("source")
  const last = startMember(directory)
  await last.line("source")
  const { pid } = readRecord(directory)!
  const supervisor = supervisorOf(directory)!
  first.tell("exit")
  await first.exit
  expect(readRecord(directory)).toMatchObject({ pid })
  leave(last)
  await gone(last)
  const since = performance.now()
  await ended(pid)
  await ended(supervisor.pid)
  expect(performance.now() - since).toBeLessThan(10_000)
  expect(existsSync(join(directory, ".arpeggio/server.json"))).toBe(false)
  expect(readFileSync(join(directory, ".arpeggio/.gitignore"), "utf8")).toBe("*\n")
  const left = readdirSync(join(directory, ".arpeggio"))
  expect(left.filter((name) => name.startsWith("lock."))).toHaveLength(2)
  expect(left).toContain("data")
})

test("a program that is restarted finds its server again, and keeps it", async () => {
  const directory = makeProject()
  const before = startMember(directory)
  await before.line("source")
  const record = readRecord(directory)!
  before.tell("exit")
  await before.exit
  const after = startMember(directory)
  expect(await after.line("source")).toMatchObject({ source: "project" })
  const { connection, said } = await watched(record.url)
  const third = startMember(directory)
  await third.line("source")
  third.tell("exit")
  await third.exit
  // For longer than it would have lasted alone.
  await pause(lingering + 1000)
  await connection.flush()
  expect(said).toEqual([])
  expect(readRecord(directory)).toEqual(record)
})

test("a signal to the supervisor is obeyed when nobody needs the server any more, a second one at once", async () => {
  const directory = makeProject()
  const first = startMember(directory)
  await first.line("source")
  const record = readRecord(directory)!
  const supervisor = supervisorOf(directory)!.pid
  process.kill(supervisor, "SIGTERM")
  const second = startMember(directory)
  expect(await second.line("source")).toMatchObject({ source: "project" })
  const { connection, said } = await watched(record.url)
  first.tell("exit")
  await first.exit
  await connection.flush()
  expect(said).toEqual([])
  process.kill(supervisor, "SIGTERM")
  await ended(record.pid)
})

test("Ctrl-C reaches the worker's group, not the server it drains with", async () => {
  const directory = makeProject()
  const worker = startMember(directory, {}, ["drain"])
  await worker.line("source")
  const { pid } = readRecord(directory)!
  process.kill(-worker.pid, "SIGINT")
  expect(await worker.line("drained")).toEqual({ drained: "open" })
  expect(await worker.exit).toBe(0)
  await ended(pid)
})

test("a process with nothing left to do ends", async () => {
  const directory = makeProject()
  const first = startMember(directory, {}, ["idle"])
  expect(await first.exit).toBe(0)
  expect(await first.line("source")).toMatchObject({ source: "embedded" })
  const { pid } = readRecord(directory)!
  const second = startMember(directory, {}, ["idle"])
  expect(await second.exit).toBe(0)
  expect(await second.line("source")).toMatchObject({ source: "project" })
  await ended(pid)
})
