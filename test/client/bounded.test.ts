/** `within` and `signal` bound everything that is asked, also while the broker is away, and leave nothing behind. */
import { getEventListeners } from "node:events"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import {
  BrokerError,
  Client,
  connect,
  ContractError,
  StillRunning,
  task,
  type App,
  type ConnectOptions,
  type WaitOptions
} from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { proxyTo, type Proxy } from "../nats/proxy.ts"
import { serverForTest } from "../nats/fixture.ts"

const double = task(
  "bounded.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x * 2
)

const namespace = "bounded"
const letter = "app.i1abcdef.0m5x00000000000000000.1"

interface Place {
  readonly app: App
  readonly proxy: Proxy
  /** Calls that are stored. */
  readonly calls: () => Promise<number>
  readonly work: () => Promise<void>
}

const place = async (options: ConnectOptions = {}): Promise<Place> => {
  const server = await serverForTest()
  const proxy = await proxyTo(Number(new URL(server.url).port))
  const app = await connect({ servers: proxy.url, namespace, print: () => {}, ...options })
  onTestFinished(() => app.close())
  const direct = await connectNats({ servers: server.url, namespace })
  onTestFinished(() => direct.close())
  const work = async (): Promise<void> => {
    const worker = await workerOver(await connectNats({ servers: server.url, namespace }), [double])
    onTestFinished(() => worker.drain())
  }
  return { app, proxy, calls: () => direct.count(`${namespace}.t.>`), work }
}

type Ask = (app: App, id: string, options: WaitOptions) => Promise<unknown>

const requests: ReadonlyArray<readonly [string, Ask]> = [
  ["start", (app, _, options) => app.start(double(1), undefined, options)],
  ["run", (app, _, options) => app.run(double(1), undefined, options)],
  [
    "start with a key and a deadline",
    (app, _, options) => {
      const workflow = double(1).with({ key: "one", deadline: "1 hour" })
      return app.start(workflow, undefined, options)
    }
  ],
  ["status", (app, id, options) => app.attach(id, double(1)).status(options)],
  ["cancel", (app, id, options) => app.attach(id, double(1)).cancel(options)],
  ["app.cancel", (app, id, options) => app.cancel(id, options)],
  ["deadLetters.list", (app, _, options) => app.deadLetters.list({ limit: 5, ...options })],
  ["deadLetters.read", (app, _, options) => app.deadLetters.read(letter, options)],
  ["deadLetters.redrive", (app, _, options) => app.deadLetters.redrive(letter, options)],
  ["deadLetters.drop", (app, _, options) => app.deadLetters.drop(letter, options)]
]

const waits: ReadonlyArray<readonly [string, Ask]> = [
  ["result", (app, id, options) => app.attach(id, double(1)).result(options)],
  ["outcome", (app, id, options) => app.attach(id, double(1)).outcome(options)]
]

const failureOf = async (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "it did not fail",
    (cause: unknown) => cause
  )

/** What came of it, which must not have taken as long as without `within`: a minute. */
const soon = async (asked: Promise<unknown>): Promise<unknown> => {
  const since = Date.now()
  const failure = await failureOf(asked)
  expect(Date.now() - since).toBeLessThan(10_000)
  return failure
}

test("without a connection, all that is asked ends with `within`, and nothing of it is done later on", async () => {
  const { app, proxy, calls, work } = await place()
  const { id } = await app.start(double(1))
  const back = proxy.away()
  await expect.poll(async () => (await app.health()).connection.connected).toBe(false)
  const within = "200 millis"
  const told = await Promise.all(requests.map(([, ask]) => soon(ask(app, id, { within }))))
  for (const [at, [name]] of requests.entries()) {
    expect(told[at], name).toBeInstanceOf(BrokerError)
    expect((told[at] as BrokerError).reason, name).toBe("Unreachable")
    expect((told[at] as BrokerError).message, name).toContain("there was no connection")
  }
  for (const [name, ask] of waits) {
    expect(await soon(ask(app, id, { within })), name).toBeInstanceOf(StillRunning)
  }
  back()
  await expect.poll(async () => (await app.health()).connection.connected).toBe(true)
  // The run from before, alone: what was given up before it was sent never is, and its cancel neither.
  expect(await calls()).toBe(1)
  await work()
  expect(await app.attach(id, double(1)).result({ within: "10 seconds" })).toBe(2)
})

test("when the server says nothing, a start that is given up is in doubt, and names the run", async () => {
  const { app, proxy, work } = await place()
  const { id } = await app.start(double(1))
  proxy.swallow()
  for (const [name, ask] of requests.slice(0, 2)) {
    const failure = await soon(ask(app, id, { within: "200 millis" }))
    expect(failure, name).toBeInstanceOf(BrokerError)
    const { reason, message } = failure as BrokerError
    expect(reason).toBe("Unknown")
    expect(message).toMatch(
      /It was the start of run "app-\w+-\w+", which is perhaps stored\. attach\("app-.*\.status\(\) says which/
    )
    const run = /run "(app-[^"]+)"/.exec(message)![1]!
    expect(run).not.toBe(id)
  }
  const keyed = await soon(
    app.start(double(1).with({ key: "two" }), undefined, { within: "200 millis" })
  )
  expect(String(keyed)).toContain("Start it again with the same key")
  const [, status] = requests[3]!
  expect(await soon(status(app, id, { within: "200 millis" }))).toMatchObject({
    reason: "Unreachable"
  })
  proxy.cut()
  await work()
  // It was stored, and with its key it is that run that is found.
  const again = await app.start(double(1).with({ key: "two" }), undefined, { within: "10 seconds" })
  expect(String(keyed)).not.toContain("Succeeded")
  expect(await again.result({ within: "10 seconds" })).toBe(2)
})

test("a signal ends it with its own reason, before and while it is asked, and is let go of", async () => {
  const { app, proxy } = await place()
  const { id } = await app.start(double(1))
  const reason = new Error("the page was left")
  for (const [name, ask] of [...requests, ...waits]) {
    expect(await soon(ask(app, id, { signal: AbortSignal.abort(reason) })), name).toBe(reason)
  }
  proxy.away()
  const controller = new AbortController()
  const { signal } = controller
  const asked = [...requests, ...waits].map(([, ask]) => soon(ask(app, id, { signal })))
  await expect.poll(() => getEventListeners(signal, "abort").length).toBe(asked.length)
  controller.abort(reason)
  expect(await Promise.all(asked)).toEqual(asked.map(() => reason))
  expect(getEventListeners(signal, "abort")).toEqual([])
})

test("a signal that never comes is let go of, too", async () => {
  await using app = await testApp([double])
  const { signal } = new AbortController()
  const run = await app.start(double(2), undefined, { signal, within: "1 minute" })
  expect(await run.result({ signal })).toBe(4)
  expect(await run.outcome({ signal })).toMatchObject({ value: 4 })
  expect(await run.status({ signal })).toBe("Succeeded")
  expect(await run.cancel({ signal })).toBe("Succeeded")
  expect(await app.run(double(2), undefined, { signal })).toBe(4)
  expect(await app.deadLetters.list({ signal })).toMatchObject({ letters: [] })
  expect(getEventListeners(signal, "abort")).toEqual([])
})

test("no time at all: what is known here is told, and nothing is asked", async () => {
  const server = memoryServer()
  await using app = await testApp([double], { server })
  const run = await app.start(double(2))
  expect(await run.result()).toBe(4)
  const asked: Array<string> = []
  server.onCall = ({ connection, verb }) => {
    if (connection === "client") asked.push(verb)
    return undefined
  }
  expect(await run.result({ within: 0 })).toBe(4)
  for (const [name, ask] of requests) {
    expect(await failureOf(ask(app, run.id, { within: 0 })), name).toMatchObject({
      _tag: "BrokerError",
      reason: "Unreachable"
    })
  }
  for (const [name, ask] of waits) {
    expect(await failureOf(ask(app, run.id, { within: 0 })), name).toBeInstanceOf(StillRunning)
  }
  expect(asked.filter((verb) => verb !== "replies")).toEqual([])
})

test("who gives up does not take the answer from others who wait with the same handle", async () => {
  const server = memoryServer()
  const app = await clientOver(server.connect())
  onTestFinished(() => app.close())
  const started = await app.start(double(21))
  for (const run of [started, app.attach(started.id, double(21))]) {
    const patient = run.result()
    patient.catch(() => {})
    await expect(run.result({ within: "5 millis" })).rejects.toThrow(StillRunning)
    await expect(run.outcome({ within: "5 millis" })).rejects.toThrow(StillRunning)
    const later = run.result()
    later.catch(() => {})
    if (run === started) continue
    const worker = await workerOver(server.connect(), [double])
    onTestFinished(() => worker.drain())
    expect(await patient).toBe(42)
    expect(await later).toBe(42)
    expect(await started.result({ within: "5 seconds" })).toBe(42)
  }
})

test("a client's own timeout is how long it asks an absent broker, and not how long a run may take", async () => {
  const { app, proxy } = await place({ timeout: "300 millis" })
  const run = await app.start(double(1))
  proxy.away()
  await expect.poll(async () => (await app.health()).connection.connected).toBe(false)
  for (const [name, ask] of requests) {
    expect(await soon(ask(app, run.id, {})), name).toMatchObject({ reason: "Unreachable" })
  }
  expect(await soon(run.result({ within: "700 millis" }))).toBeInstanceOf(StillRunning)
})

test.each([0, -1, "soon"])("a timeout of %s is refused", async (timeout) => {
  const options = { servers: "nats://127.0.0.1:1", timeout: timeout as never }
  await expect(connect(options)).rejects.toThrow(ContractError)
  await expect(connect(options)).rejects.toThrow("timeout is a duration")
})

test("what is no signal and no duration is refused before anything is sent", async () => {
  await using app = await testApp([double])
  const run = await app.start(double(1))
  const wrong = [{ signal: {} }, { within: -1 }, { within: "soon" }, { whithin: 5 }, 5, null]
  for (const options of wrong as Array<never>) {
    for (const [name, ask] of [...requests.slice(0, 6), ...requests.slice(7), ...waits]) {
      expect(await failureOf(ask(app, run.id, options)), name).toBeInstanceOf(ContractError)
    }
  }
})

test("an Effect that is interrupted lets go of what it asked for, at once", async () => {
  const server = await serverForTest()
  const proxy = await proxyTo(Number(new URL(server.url).port))
  const program = Effect.gen(function* () {
    const client = yield* Client
    const run = yield* client.start(double(1))
    const back = proxy.away()
    const asked: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
      client.start(double(2)),
      client.run(double(2)),
      run.status,
      run.cancel,
      run.result,
      run.outcome,
      client.cancel(run.id),
      client.deadLetters.list()
    ]
    const since = Date.now()
    for (const one of asked) {
      const fiber = yield* Effect.forkChild(one)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
    }
    const spent = Date.now() - since
    back()
    const late = yield* Effect.flip(client.cancel(run.id, { within: "500 millis" }))
    return { spent, late }
  })
  const layer = Client.layer({ servers: proxy.url, namespace, print: () => {} })
  const { spent, late } = await Effect.runPromise(Effect.provide(program, layer))
  expect(spent).toBeLessThan(10_000)
  expect(["StillRunning", "BrokerError"]).toContain(late._tag)
  const direct = await connectNats({ servers: server.url, namespace })
  onTestFinished(() => direct.close())
  // The first start, and perhaps its cancel; none of those that were interrupted.
  expect(await direct.count(`${namespace}.t.default.>`)).toBe(1)
})
