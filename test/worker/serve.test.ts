/** A worker as its own process: its banner, its lines, and how it stops. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { App } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { version } from "../../src/version.ts"
import { startNatsServer } from "../nats-server.ts"
import { proxyTo } from "../transport/proxy.ts"
import { slow } from "./program.ts"

let server: Awaited<ReturnType<typeof startNatsServer>>
let app: App
let counter = 0
let namespace = ""
const children = new Set<ChildProcess>()

beforeAll(async () => {
  server = await startNatsServer()
})
afterEach(async () => {
  await app?.close()
  for (const child of children) child.kill("SIGKILL")
})
afterAll(() => server?.stop())

interface Program {
  readonly child: ChildProcess
  readonly lines: Array<string>
  readonly line: (pattern: RegExp) => Promise<string>
  readonly exit: Promise<number | null>
}

const startProgram = async (settings: NodeJS.ProcessEnv = {}): Promise<Program> => {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("./program.ts", import.meta.url))],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        NATS_URL: server.url,
        ARPEGGIO_NAMESPACE: namespace,
        ...settings
      }
    }
  )
  children.add(child)
  const lines: Array<string> = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line)
      for (const look of waiting) look()
    })
  }
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find((line) => pattern.test(line))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  const exit = once(child, "exit").then(([code]) => code as number | null)
  return { child, lines, line, exit }
}

/** Longer than signals count as one press. */
const apart = 1_050

/** Tells a program to stop, and again when that is another press. */
const pressTwice = async (
  { child, line }: Program,
  first: NodeJS.Signals = "SIGTERM",
  second = first
): Promise<void> => {
  child.kill(first)
  await line(/finishing what runs/)
  await sleep(apart)
  child.kill(second)
}

const fresh = async (): Promise<void> => {
  namespace = `serve-${++counter}`
  app = await clientOver(await connectNats({ servers: server.url, namespace }))
}

test("the banner would do as a bug report, and every step has two lines", async () => {
  await fresh()
  const program = await startProgram()
  expect(await app.run(slow(1))).toBe(`pid ${program.child.pid}`)
  await program.line(/succeeded in \d+ ms/)
  const banner = program.lines.join("\n")
  expect(banner).toContain(`arpeggio ${version}  worker `)
  expect(banner).toContain(`node ${process.versions.node}`)
  expect(banner).toMatch(/server\s+nats-server 2\.\d+\.\d+ at .*, namespace serve-1/)
  expect(banner).toMatch(/durability\s+1 copy; how the server writes to disk is unknown/)
  expect(banner).toMatch(/queues\s+default/)
  expect(banner).toMatch(/concurrency\s+20/)
  expect(banner).toMatch(/tasks\s+serve\.slow/)
  expect(banner).toMatch(/\w+ serve\.slow#0 {2}started/)
})

test("the first SIGTERM lets what runs finish, and the process exits by itself with 0", async () => {
  await fresh()
  const program = await startProgram()
  const answer = app.run(slow(400))
  await program.line(/^began/)
  program.child.kill("SIGTERM")
  expect(await answer).toBe(`pid ${program.child.pid}`)
  expect(await program.exit).toBe(0)
  expect(program.lines).toContain("drained")
  expect(program.lines).toContain(
    "arpeggio: SIGTERM, finishing what runs; once more to stop at once"
  )
})

test("what does not finish within the grace runs elsewhere, at once and without a failure", async () => {
  await fresh()
  const first = await startProgram({ GRACE: "50", HOLD: "600000" })
  const answer = app.run(slow(1))
  await first.line(/^began/)
  const second = await startProgram()
  await second.line(/tasks/)
  first.child.kill("SIGINT")
  expect(await first.exit).toBe(0)
  expect(await answer).toBe(`pid ${second.child.pid}`)
})

test("the second signal stops at once, and what runs is given back and no attempt lost", async () => {
  await fresh()
  const program = await startProgram({ HOLD: "600000" })
  const run = await app.start(slow(1))
  await program.line(/^began/)
  await pressTwice(program)
  const since = Date.now()
  expect(await program.exit).toBe(143)
  expect(Date.now() - since).toBeLessThan(2_000)
  expect(program.lines).not.toContain("drained")
  const other = await startProgram()
  const outcome = await run.outcome({ within: "10 seconds" })
  expect(outcome).toEqual({ _tag: "Succeeded", value: `pid ${other.child.pid}` })
  // It begins there as if for the first time: no lease has to run out, and no worker counts as lost.
  expect(other.lines.filter((line) => /serve\.slow#0 .*started/.test(line))).toEqual([
    expect.not.stringContaining("delivery")
  ])
  expect(await app.deadLetters.list()).toMatchObject({ letters: [] })
})

test.each([
  ["SIGINT", "SIGINT", 130],
  ["SIGTERM", "SIGINT", 130],
  ["SIGINT", "SIGTERM", 143],
  ["SIGHUP", "SIGHUP", 129]
] as const)("%s and then %s exits with %d", async (first, second, code) => {
  await fresh()
  const program = await startProgram({ HOLD: "600000" })
  void app.start(slow(60_000))
  await program.line(/^began/)
  await pressTwice(program, first, second)
  expect(await program.exit).toBe(code)
})

test("without a broker to give back to, the second signal ends the process all the same", async () => {
  await fresh()
  const proxy = await proxyTo(Number(new URL(server.url).port))
  const program = await startProgram({ HOLD: "600000", NATS_URL: proxy.url })
  void app.start(slow(60_000))
  await program.line(/^began/)
  proxy.away()
  await pressTwice(program)
  expect(await program.exit).toBe(143)
})
