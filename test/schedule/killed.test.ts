/** Workers die, one each second, while ten connections declare the same schedule again and again: each second is started, and once. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { connect, task } from "arpeggio"
import { bundled } from "../bundle.ts"
import { startNatsServer } from "../nats-server.ts"

/** How long it lasts; longer by `SECONDS=120`. */
const seconds = Number(process.env["SECONDS"] ?? 12)

const note = task("note", { input: [], output: Schema.Void })

test("each second is started once", { timeout: (seconds + 120) * 1_000 }, async () => {
  const server = await startNatsServer()
  const folder = mkdtempSync(join(tmpdir(), "schedule-"))
  const ledger = join(folder, "ledger")
  writeFileSync(ledger, "")
  const program = bundled(fileURLToPath(new URL("./killed.ts", import.meta.url)))
  const namespace = "killed"
  const begin = async (): Promise<ChildProcess> => {
    const worker = spawn(process.execPath, [program], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace, LEDGER: ledger }
    })
    await once(worker.stdout!, "data")
    return worker
  }
  const lines = () =>
    readFileSync(ledger, "utf8")
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" ") as [at: string, run: string, late: string])
  const workers = [await begin(), await begin()]
  const apps = await Promise.all(
    Array.from({ length: 10 }, () => connect({ servers: server.url, namespace, print: () => {} }))
  )
  const spec = { every: "1 second", overlap: "allow" } as const
  let declared = 0
  const over = new AbortController()
  const declaring = apps.map(async (app) => {
    while (!over.signal.aborted) {
      await app.schedule("by hand", note(), spec)
      declared += 1
      await new Promise((next) => setTimeout(next, 20))
    }
  })
  const first = Date.now()
  let killed = 0
  const died = async (): Promise<void> => {
    const worker = workers.shift()!
    const gone = once(worker, "exit")
    worker.kill("SIGKILL")
    await gone
    killed += 1
    workers.push(await begin())
  }
  while (Date.now() < first + seconds * 1_000) {
    const next = Date.now() + 1_000
    await died()
    if (killed === Math.floor(seconds / 3)) {
      server.kill()
      await server.restart()
    }
    while (Date.now() < next) await new Promise((wait) => setTimeout(wait, 20))
  }
  over.abort()
  await Promise.all(declaring)
  // What a dead one had taken comes again when its lease is over.
  const until = Date.now()
  const times = () => new Set(lines().map(([at]) => Number(at)))
  const wanted: Array<number> = []
  for (let at = Math.ceil(first / 1_000) * 1_000; at <= until; at += 1_000) wanted.push(at)
  await expect
    .poll(() => wanted.filter((at) => !times().has(at)), { timeout: 90_000, interval: 500 })
    .toEqual([])
  const runs = new Map<string, Set<string>>()
  for (const [at, run] of lines())
    runs.set(at, (runs.get(at) ?? new Set()).add(run.split("-")[1]! + run))
  // Two schedules: each second has a run of each at most.
  const doubled = [...runs].filter(([, of]) => {
    const schedules = [...of].map((run) => run.slice(0, 12))
    return new Set(schedules).size !== schedules.length
  })
  expect(doubled).toEqual([])
  const late = lines()
    .map(([, , late]) => Number(late))
    .toSorted((left, right) => left - right)
  process.stderr.write(
    `schedules under kills: ${wanted.length} seconds, ${runs.size} started, ${killed} workers killed, ${declared} declarations; late p50 ${late[Math.floor(late.length / 2)]} ms, worst ${late.at(-1)} ms\n`
  )
  for (const worker of workers) worker.kill("SIGKILL")
  await Promise.all(apps.map((app) => app.close()))
  await server.stop()
  rmSync(folder, { recursive: true })
})
