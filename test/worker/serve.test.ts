/** A worker as its own process: its banner, its lines, and how it stops. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import type { App } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { version } from "../../src/version.ts"
import { startNatsServer } from "../nats-server.ts"
import { proxyTo } from "../transport/proxy.ts"
import { killPrograms, pressTwice, type Program, startProgram as start } from "./process.ts"
import { slow } from "./program.ts"

let server: Awaited<ReturnType<typeof startNatsServer>>
let app: App
let counter = 0
let namespace = ""

beforeAll(async () => {
  server = await startNatsServer()
})
afterEach(async () => {
  await app?.close()
  killPrograms()
})
afterAll(() => server?.stop())

const startProgram = (settings: NodeJS.ProcessEnv = {}): Program =>
  start("./program.ts", { NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace, ...settings })

const fresh = async (): Promise<void> => {
  namespace = `serve-${++counter}`
  app = await clientOver(await connectNats({ servers: server.url, namespace }))
}

test("the banner would do as a bug report, and every step has two lines", async () => {
  await fresh()
  const program = startProgram()
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
  const program = startProgram()
  const answer = app.run(slow(400))
  await program.line(/^began/)
  program.child.kill("SIGTERM")
  expect(await answer).toBe(`pid ${program.child.pid}`)
  expect(await program.exit).toBe(0)
  expect(program.lines).toContain("drained")
  expect(await program.line(/SIGTERM/)).toMatch(
    /^arpeggio: SIGTERM, finishing what runs, within \d+ (ms|seconds): serve\.slow \(for \d+ ms\); what has not ended by then begins again elsewhere; once more to stop at once$/
  )
})

test("what does not finish within the grace runs elsewhere, at once and without a failure", async () => {
  await fresh()
  const first = startProgram({ GRACE: "50", HOLD: "600000" })
  const answer = app.run(slow(1))
  await first.line(/^began/)
  const second = startProgram()
  await second.line(/tasks/)
  first.child.kill("SIGINT")
  expect(await first.exit).toBe(0)
  expect(await answer).toBe(`pid ${second.child.pid}`)
})

test("the second signal stops at once, and what runs is given back and no attempt lost", async () => {
  await fresh()
  const program = startProgram({ HOLD: "600000" })
  const run = await app.start(slow(1))
  await program.line(/^began/)
  await pressTwice(program)
  const since = Date.now()
  expect(await program.exit).toBe(143)
  expect(Date.now() - since).toBeLessThan(2_000)
  expect(program.lines).not.toContain("drained")
  const other = startProgram()
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
  const program = startProgram({ HOLD: "600000" })
  void app.start(slow(60_000))
  await program.line(/^began/)
  await pressTwice(program, first, second)
  expect(await program.exit).toBe(code)
})

test("without a broker to give back to, the second signal ends the process all the same", async () => {
  await fresh()
  const proxy = await proxyTo(Number(new URL(server.url).port))
  const program = startProgram({ HOLD: "600000", NATS_URL: proxy.url })
  void app.start(slow(60_000))
  await program.line(/^began/)
  proxy.away()
  await pressTwice(program)
  expect(await program.exit).toBe(143)
})
