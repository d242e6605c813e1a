/** The end of a worker process: one press of a key is one, what it holds is given back, and nothing keeps it for ever. */
import { expect, onTestFinished, test } from "vitest"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"
import { connecting, stuckAt } from "../nats/hole.ts"
import { proxyTo } from "../nats/proxy.ts"
import { deaf, ends } from "./ending-program.ts"
import { pressTwice, type Program } from "./process.ts"
import { placeOf } from "./server-and-client.ts"

const here = placeOf("ending", "./ending-program.ts")

/** Milliseconds from a program's last words to its end where nothing is in its way, on this machine at this time. */
let usual = 0

const untilItsEnd = async (program: Program, code: number): Promise<number> => {
  const since = performance.now()
  expect(await program.exit).toBe(code)
  return performance.now() - since
}

/** Less than a lease of 30 s, by far. */
const soon = "15 seconds"

test.each([
  ["SIGINT", "SIGINT"],
  ["SIGINT", "SIGTERM"],
  ["SIGTERM", "SIGTERM"],
  ["SIGHUP", "SIGINT"]
] as const)("%s and %s of one press let what runs finish", async (first, second) => {
  const program = here.start()
  await here.app.start(deaf(1))
  await program.line(/^began/)
  program.child.kill(first)
  program.child.kill(second)
  await program.line(/finishing what runs/)
  program.child.kill(second)
  expect(await program.exit).toBe(0)
  expect(program.lines).toContain("drained")
  expect(program.lines.join("\n")).not.toContain("stopping at once")
})

test("a signal that is the echo of a press does not cut short what the program does after its worker", async () => {
  const program = here.start({ AFTERWARDS: "awaits" })
  await program.line(/tasks/)
  program.child.kill("SIGINT")
  await program.line(/^drained/)
  program.child.kill("SIGINT")
  expect(await program.exit).toBe(0)
  expect(program.lines).toContain("cleaned up")
})

test.each([
  ["exit", 3],
  ["thrown", 1],
  ["rejected", 1]
] as const)(
  "a process that ends by itself, %s, gives back what it holds",
  async (how, code) => {
    const program = here.start()
    const beside = await Promise.all([1, 2, 3].map((x) => here.app.start(deaf(x))))
    await expect
      .poll(() => program.lines.filter((line) => line === "began").length, { timeout: 15_000 })
      .toBe(3)
    const culprit = await here.app.start(ends(how))
    expect(await program.exit).toBe(code)
    here.start({ QUICK: "1" })
    const answers = Promise.all(
      [...beside, culprit].map((run) => run.result({ within: soon }) as Promise<number>)
    )
    expect(await answers).toEqual([1, 2, 3, 0])
  },
  40_000
)

test("a second press ends a process that can store nothing", async () => {
  const program = here.start({ GRACE: "long" })
  await here.app.start(deaf(1))
  await program.line(/^began/)
  process.kill(here.server.pid, "SIGSTOP")
  try {
    await pressTwice(program)
    // Not by its grace.
    expect(await untilItsEnd(program, 143)).toBeLessThan(7_000)
  } finally {
    process.kill(here.server.pid, "SIGCONT")
  }
}, 40_000)

test("handlers that go on keep no process that has nothing else to do, and are named", async () => {
  const program = here.start()
  const run = await here.app.start(deaf(1))
  await program.line(/^began/)
  program.child.kill("SIGTERM")
  await program.line(/^drained/)
  usual = await untilItsEnd(program, 0)
  expect(usual).toBeLessThan(10_000)
  expect(program.lines.at(-1)).toMatch(
    /^arpeggio: this process ends now, with nothing left to do but a handler that was told to stop and goes on \(app-/
  )
  expect(program.lines.at(-1)).toContain(`${run.id} ending.deaf#0`)
})

/** What a broker does that says nothing any more, and when that is told to the worker's end. */
const silences = {
  "is frozen": {},
  "is frozen, and is being connected to again": { lost: true },
  "is frozen, and the program closes a client of its own": { afterwards: "closes its client" },
  "is frozen, and the program waits for something of its own": { afterwards: "awaits" },
  "swallows its answers": { swallows: true },
  "swallows its answers, and is being connected to again": { swallows: true, lost: true }
} as const satisfies { [what: string]: Silence }

interface Silence {
  /** Its answers vanish on the way; else it stands still. */
  readonly swallows?: boolean
  /** The connection is given up before the worker is told to stop. */
  readonly lost?: boolean
  readonly afterwards?: string
}

test.each(Object.entries<Silence>(silences))(
  "handlers that go on keep no process whose broker %s",
  async (_, { swallows = false, lost = false, afterwards = "" }) => {
    const own = await startNatsServer()
    onTestFinished(() => own.stop())
    const proxy = swallows ? await proxyTo(own.port) : undefined
    const program = here.start({ NATS_URL: proxy?.url ?? own.url, AFTERWARDS: afterwards })
    const client = await clientOver(
      await connectNats({ servers: own.url, namespace: here.namespace })
    )
    await client.start(deaf(1))
    await program.line(/^began/)
    await client.close()
    proxy?.swallow()
    if (!swallows) {
      process.kill(own.pid, "SIGSTOP")
      onTestFinished(() => void process.kill(own.pid, "SIGCONT"))
    }
    if (lost) await program.line(/lost NATS/)
    program.child.kill("SIGTERM")
    await program.line(/^drained/)
    // What the program does itself takes up to two seconds.
    const most = afterwards === "" ? 2_000 : 5_000
    expect(await untilItsEnd(program, 0)).toBeLessThan(most + 3 * usual)
    expect(program.lines.includes("cleaned up")).toBe(afterwards !== "")
    expect(program.lines.at(-1)).toContain("nothing left to do but a handler that was told to stop")
  },
  40_000
)

test.skipIf(process.platform !== "linux")(
  "handlers that go on keep no process that connects again where packets vanish",
  async () => {
    const own = await startNatsServer()
    onTestFinished(() => own.stop())
    const program = here.start({ NATS_URL: own.url })
    const client = await clientOver(
      await connectNats({ servers: own.url, namespace: here.namespace })
    )
    await client.start(deaf(1))
    await program.line(/^began/)
    await client.close()
    own.kill()
    await stuckAt(own.port)
    await expect.poll(() => connecting(own.port), { timeout: 10_000 }).toBe(true)
    program.child.kill("SIGTERM")
    await program.line(/^drained/)
    expect(await untilItsEnd(program, 0)).toBeLessThan(2_000 + 3 * usual)
  },
  40_000
)

test.each(["awaits", "calls", "closes its client"])(
  "what the program does after its worker is waited for: it %s",
  async (what) => {
    const program = here.start({ AFTERWARDS: what })
    await here.app.start(deaf(1))
    await program.line(/^began/)
    program.child.kill("SIGTERM")
    expect(await program.exit).toBe(0)
    expect(program.lines).toContain("cleaned up")
  }
)

test.each([
  ["a server", "a server"],
  ["a timer", "a timer that was there before serve, or is taken for it"],
  ["a connection", "a connection that was there before serve"],
  ["a timer that fires", undefined]
])("what the program lives for besides its worker is not ended: %s", async (what, words) => {
  const program = here.start({ BESIDE: what })
  await here.app.start(deaf(1))
  await program.line(/^began/)
  program.child.kill("SIGTERM")
  await program.line(/^drained/)
  const line = await program.line(/would not end without|ends now/)
  expect(line).toContain("this process would not end without a handler that was told to stop")
  const rest = words === undefined ? "" : ` (${words})`
  expect(line).toContain(`as soon as the rest of the program is done${rest}; a signal ends it now`)
  program.child.kill("SIGTERM")
  await program.exit
})

test("the exit code is the program's", async () => {
  const program = here.start({ AFTERWARDS: "fails" })
  await here.app.start(deaf(1))
  await program.line(/^began/)
  program.child.kill("SIGTERM")
  expect(await program.exit).toBe(7)
})
