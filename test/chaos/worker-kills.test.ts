/** Workers die by SIGKILL while chords run: every result is right, stored once, and each chord has one body. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain, chord } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"
import { body, member, tail } from "./tasks.ts"

interface Entry {
  readonly event: "began" | "ended"
  readonly run: string
  readonly id: string
  readonly task: string
  readonly input: unknown
  readonly pid: number
}

const chords = 200
const members = 20
const kills = 5

let server: Awaited<ReturnType<typeof startNatsServer>>
let directory: string
const workers = new Set<ChildProcess>()

beforeAll(async () => {
  server = await startNatsServer()
  directory = await mkdtemp(join(tmpdir(), "arpeggio-storm-"))
})

afterAll(async () => {
  await Promise.all([...workers].map(kill))
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

const startWorker = async (): Promise<ChildProcess> => {
  const program = fileURLToPath(new URL("./worker.ts", import.meta.url))
  const child = spawn(process.execPath, ["--import", "tsx", program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      NATS_URL: server.url,
      ARPEGGIO_NAMESPACE: "storm",
      LEDGER: join(directory, "ledger")
    }
  })
  workers.add(child)
  await once(child.stdout!, "data")
  return child
}

const kill = async (child: ChildProcess): Promise<void> => {
  workers.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill("SIGKILL")
  await gone
}

const readLedger = async (): Promise<ReadonlyArray<Entry>> => {
  const text = await readFile(join(directory, "ledger"), "utf8").catch(() => "")
  return text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Entry)
}

const expectedOf = (chord: number): number =>
  Array.from({ length: members }, (_, at) => chord * members + at + 1).reduce((a, b) => a + b, 0) +
  chord

test("200 chords of 20 members survive five kills: 200 right results, one body each", async () => {
  const running = [await startWorker(), await startWorker()]
  const broker = await connectNats({ servers: server.url, namespace: "storm" })
  await using app = await clientOver(broker)
  const runs = await Promise.all(
    Array.from({ length: chords }, (_, chordAt) =>
      app.start(
        chain(
          chord(
            Array.from({ length: members }, (_, at) => member(chordAt * members + at)),
            body()
          ),
          tail(chordAt)
        )
      )
    )
  )
  const results = Promise.all(runs.map((run) => run.result()))
  let done = false
  void results.finally(() => (done = true)).catch(() => {})
  const pids: Array<number> = []
  for (let at = 0; at < kills; at++) {
    const before = (await readLedger()).length
    // A kill comes at a random moment of the next stretch of work, so that every kill finds work under way.
    const until = before + 200 + Math.floor(Math.random() * 900)
    await expect
      .poll(async () => done || (await readLedger()).length >= until, {
        interval: 5,
        timeout: 60_000
      })
      .toBe(true)
    const victim = running.shift()!
    pids.push(victim.pid!)
    await kill(victim)
    running.push(await startWorker())
  }
  expect(await results).toEqual(runs.map((_, chordAt) => expectedOf(chordAt)))

  const stored = await broker.readAll("storm.r.>")
  expect(stored).toHaveLength(chords)

  const ledger = await readLedger()
  const bodies = ledger.filter(({ event, task }) => event === "began" && task === "storm.body")
  for (const run of runs) {
    const own = bodies.filter((entry) => entry.run === run.id)
    expect(new Set(own.map(({ id }) => id)).size).toBe(1)
    expect(new Set(own.map(({ input }) => JSON.stringify(input))).size).toBe(1)
  }
  // A step is repeated only where the worker that had begun it was killed.
  const began = new Map<string, Array<number>>()
  for (const entry of ledger) {
    if (entry.event !== "began") continue
    const key = `${entry.run}/${entry.id}`
    began.set(key, [...(began.get(key) ?? []), entry.pid])
  }
  const repeated = [...began.values()].filter((pids) => pids.length > 1)
  for (const executions of repeated) {
    expect(executions.slice(0, -1).every((pid) => pids.includes(pid))).toBe(true)
  }
  // The storm was one: most of the work was done by handlers that ended, and every kill came while work was left.
  expect(began.size).toBe(chords * (members + 2))
}, 120_000)
