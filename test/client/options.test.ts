/** An option that does not exist is refused, with the one that was meant. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { Client, connect, ContractError, startWorker, task, Worker } from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"

const double = task(
  "options.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x * 2
)
const nowhere = "nats://127.0.0.1:1"

const refused = async (asked: Promise<unknown>, ...words: ReadonlyArray<string>): Promise<void> => {
  const failure = await asked.then(
    () => "it was accepted",
    (cause: unknown) => cause
  )
  expect(failure).toBeInstanceOf(ContractError)
  for (const word of words) expect((failure as Error).message).toContain(word)
}

const lately = async (work: () => unknown): Promise<unknown> => work()

describe("refuses", () => {
  test.each<[object, ...Array<string>]>([
    [{ nameSpace: "shop" }, "nameSpace", "The nearest is namespace;"],
    [{ server: nowhere }, "server", "The nearest is servers;"],
    [{ retenton: "1 hour" }, "retenton", "The nearest is retention;"],
    [{ time_out: 5 }, "time_out", "The nearest is timeout;"],
    [{ url: nowhere }, "url", "The nearest is servers;"],
    [{ servers: nowhere, authentication: { password: "x" } }, "authentication", "nearest is pass;"],
    [{ servers: nowhere, authentication: { creds: "x" } }, "creds", "there are user, pass, token"]
  ])("%o of connect and of Client.layer", async (options, ...words) => {
    await refused(connect(options as never), ...words)
    const layer = Client.layer(options as never)
    await refused(Effect.runPromise(Effect.provide(Effect.void, layer)), ...words)
  })

  test.each<[object, ...Array<string>]>([
    [{ concurency: 3 }, "concurency", "The nearest is concurrency;"],
    [{ queue: ["a"] }, "queue", "The nearest is queues;"],
    [{ retention: "1 hour" }, "retention"],
    [{ queues: "slow" }, "queues is a list of names"],
    [{ log: "loud" }, 'log is "steps", "quiet" or "errors"'],
    [{ print: "x" }, "print is a function that takes a line"],
    [{ servers: nowhere, authentication: { pas: "x" } }, "nearest is pass;"]
  ])("%o of a worker", async (options, ...words) => {
    await refused(startWorker([double], options as never), ...words)
    const layer = Worker.layer([double], options as never)
    await refused(Effect.runPromise(Effect.provide(Effect.void, layer)), ...words)
    const broker = memoryServer().connect()
    if ("authentication" in options) return
    await refused(
      lately(() => workerOver(broker, [double], options as never)),
      ...words
    )
  })

  test.each<[object, ...Array<string>]>([
    [{ concurency: 3 }, "The nearest is concurrency;"],
    [{ clok: "manual" }, "The nearest is clock;"],
    [{ patience: "1 second" }, "patience"]
  ])("%o of a test app", async (options, ...words) => {
    await refused(testApp([double], options as never), "testApp", ...words)
    await refused(clientOver(memoryServer().connect(), options as never), "clientOver")
  })

  test("what is misspelt in the options of a verb, before anything is sent", async () => {
    const server = memoryServer()
    await using app = await testApp([double], { server })
    const run = await app.start(double(1))
    await run.result()
    const before = server.records().length
    const wrong = { withn: "1 second" } as never
    await refused(app.run(double(1), undefined, wrong), "run: there is no option withn", "within")
    await refused(app.start(double(1), undefined, wrong), "start: there is no option withn")
    await refused(app.cancel(run.id, wrong), "cancel: there is no option withn")
    await refused(run.result(wrong), "result: there is no option withn")
    await refused(run.outcome(wrong), "outcome: there is no option withn")
    await refused(run.status(wrong), "status: there is no option withn")
    await refused(app.deadLetters.list({ limits: 3 } as never), "deadLetters.list", "limit;")
    await refused(app.deadLetters.read("a.b.c.d", wrong), "deadLetters.read")
    expect(server.records()).toHaveLength(before)
  })

  test("what is no object, and names that every object has", async () => {
    await refused(connect("nats://127.0.0.1:1" as never), "options are an object")
    await refused(connect({ toString: 1, constructor: 2 } as never), "there is no option toString")
  })
})

test("all that there are are accepted", async () => {
  await using app = await testApp([double], {
    owner: "me",
    retention: "1 hour",
    namespace: "n",
    seed: 1,
    lease: 30_000,
    duplicateWindow: 20_000,
    maxBytes: 1_048_576,
    clock: "real",
    concurrency: 2,
    timeout: "1 minute",
    queues: ["more"],
    print: () => {}
  })
  expect(await app.run(double(2), undefined, {})).toBe(4)
})
