/** A step that ends its process: who it was, and what ended it, is said there, in the log, the outcome and the dead letter. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"
import type { App } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"
import { behind, ends, lasts } from "./ending.ts"

let server: NatsServer
let app: App
let counter = 0
let namespace = ""
const children = new Set<ChildProcess>()

beforeAll(async () => {
  server = await startNatsServer()
})
beforeEach(async () => {
  counter += 1
  namespace = `ending${counter}`
  app = await clientOver(await connectNats({ servers: server.url, namespace }))
})
afterEach(async () => {
  await app.close()
  for (const child of children) child.kill("SIGKILL")
  children.clear()
})
afterAll(() => server.stop())

interface Worker {
  readonly said: () => string
  readonly exit: Promise<number | null>
}

const startWorker = (settings: NodeJS.ProcessEnv = {}): Worker => {
  const program = fileURLToPath(new URL("./ending.ts", import.meta.url))
  const child = spawn(process.execPath, ["--import", "tsx", program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace, ...settings }
  })
  children.add(child)
  let said = ""
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (chunk) => {
      said += String(chunk)
    })
  }
  const exit = once(child, "close").then(([code]) => code as number | null)
  return { said: () => said, exit }
}

test.each([
  ["rejection", 1, /a promise that nobody awaited was rejected: Error: boom/],
  ["timer", 1, /an error that nobody caught: TypeError: in a timer/],
  ["thrown text", 1, /an error that nobody caught: Thrown: just words/],
  ["exit", 3, /process\.exit was called, exit code 3/],
  ["handled", 7, /an error that nobody caught: RangeError: seen by a handler/]
])(
  "%s",
  async (how, code, words) => {
    const run = await app.start(ends(how))
    const first = startWorker()
    expect(await first.exit).toBe(code)
    expect(first.said()).toMatch(/arpeggio: worker \S+ ends: /)
    expect(first.said()).toMatch(words)
    expect(first.said()).toContain(`in the code of ${run.id} ending.ends#0`)
    const second = startWorker()
    const outcome = await run.outcome()
    expect(outcome).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
    const told = JSON.stringify(outcome)
    expect(told).toMatch(words)
    expect(told).toContain("in the code of this step")
    if (how !== "thrown text") expect(told).toContain("ending.ts:")
    const { letters } = await app.deadLetters.list()
    expect(letters[0]!.reason).toMatch(words)
    expect(letters[0]!.lastWords).toMatch(words)
    await vi.waitFor(() => expect(second.said()).toMatch(words))
  },
  60_000
)

test("who ran beside it begins again at once, and is told what it was", async () => {
  const innocent = await app.start(lasts(1_500))
  const first = startWorker({ CRASHES: "2", AFTER: "100" })
  await vi.waitFor(() => expect(first.said()).toContain("lasts"), 20_000)
  const run = await app.start(ends("rejection"))
  await first.exit
  const ended = Date.now()
  expect(first.said()).toContain("2 steps run here")
  expect(first.said()).toMatch(/ending\.ends#0 {2}attempt 1, .*<- in its code\n.*ending\.lasts#0/)
  const second = startWorker({ CRASHES: "2", AFTER: "100" })
  await second.exit
  expect(second.said()).toContain("begins again, after loss 1: its worker")
  startWorker({ CRASHES: "2", AFTER: "100" })
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
  expect(await innocent.result()).toBe(1_500)
  // A lease alone would last that long.
  expect(Date.now() - ended).toBeLessThan(30_000)
}, 60_000)

test("what a step leaves behind is known by its name when it has ended", async () => {
  const innocent = await app.start(lasts(20_000))
  const first = startWorker()
  await vi.waitFor(() => expect(first.said()).toContain("lasts"), 20_000)
  const run = await app.start(behind())
  expect(await run.result()).toBe("done")
  await first.exit
  const what = `in what the code of ${run.id} ending.behind#0 has left behind`
  expect(first.said()).toContain(what)
  startWorker()
  const outcome = await innocent.outcome()
  expect(JSON.stringify(outcome)).toContain(what)
}, 60_000)
