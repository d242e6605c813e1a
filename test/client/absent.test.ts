/** What is said of a run of which nothing is found is what can be known of it, whoever asks. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { chain, ResultExpired, task, UnknownRun, type App, type AppOptions } from "arpeggio"
import { clientOver, memoryServer, workerOver, type Broker } from "arpeggio/testing"
import { newRun } from "../../src/encode/ids.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { serverForTest } from "../nats/fixture.ts"

const double = task(
  "absent.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x * 2
)
const minute = 60_000

const place = async () => {
  const server = memoryServer()
  const connect = async (): Promise<Broker> => server.connect()
  const worker = await workerOver(await connect(), [double])
  onTestFinished(() => worker.drain())
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= minute) {
      server.clock.advance(Math.min(left, minute))
      await server.settled()
    }
  }
  return { server, client: clientOn(connect), pass }
}

const clientOn =
  (connect: () => Promise<Broker>) =>
  async (options: AppOptions = {}): Promise<App> => {
    const app = await clientOver(await connect(), options)
    onTestFinished(() => app.close())
    return app
  }

const says = async (app: App, id: string) => {
  const run = app.attach(id, double(1))
  const failure = async (asked: Promise<unknown>): Promise<unknown> =>
    asked.then(
      () => undefined,
      (cause: unknown) => cause
    )
  const [result, cancel] = [await failure(run.result()), await failure(run.cancel())]
  expect((cancel as Error).message).toBe((result as Error).message)
  return { status: await run.status(), failure: result as Error }
}

const both =
  /its start was never accepted here, or its outcome is no longer kept \(it would have been started at \d{4}-/

const expectEither = async (app: App, id: string): Promise<void> => {
  const { status, failure } = await says(app, id)
  expect(status).toBe("unknown")
  expect(failure).toBeInstanceOf(UnknownRun)
  expect(failure.message).toMatch(both)
}

const expectExpired = async (app: App, id: string): Promise<void> => {
  const { status, failure } = await says(app, id)
  expect(status).toBe("forgotten")
  expect(failure).toBeInstanceOf(ResultExpired)
}

test("a run of one task that is forgotten: who started it knows, anybody else cannot", async () => {
  const { client, pass } = await place()
  const [short, long] = [await client({ retention: "1 second" }), await client()]
  const run = await short.start(double(1))
  expect(await run.result()).toBe(2)
  await pass(3_000)
  expect(await run.status()).toBe("forgotten")
  await expectExpired(short, run.id)
  for (const other of [long, await client({ retention: "1 second" })]) {
    await expectEither(other, run.id)
  }
})

test("a handle that has seen the run remembers that it was there", async () => {
  const { client, pass } = await place()
  const [short, long] = [await client({ retention: "1 second" }), await client()]
  const run = await short.start(double(1))
  const attached = long.attach(run.id, double(1))
  await run.result()
  expect(await attached.status()).toBe("Succeeded")
  await pass(3_000)
  expect(await attached.status()).toBe("forgotten")
  await expect(attached.result()).rejects.toThrow(ResultExpired)
})

test.each([["1 second"], ["1 hour"], ["30 days"]] as const)(
  "an id that never was is the same to one who keeps outcomes for %s",
  async (retention) => {
    const { server, client, pass } = await place()
    const app = await client({ retention })
    const id = `app-i1abcdef-${newRun(server.clock.now())}`
    const young = await says(app, id)
    expect(young.status).toBe("unknown")
    expect(young.failure).toBeInstanceOf(UnknownRun)
    expect(young.failure.message).toContain("its start was never accepted in this namespace")
    expect(young.failure.message).not.toMatch(both)
    await pass(2_000)
    await expectEither(app, id)
    await pass(10 * minute)
    await expectEither(app, id)
  }
)

test("what is left of a run proves that it was there, for as long as it is left", async () => {
  const { server, client, pass } = await place()
  const [short, long] = [await client({ retention: "1 second" }), await client()]
  const run = await short.start(chain(double(1), double()))
  expect(await run.result()).toBe(4)
  await server.settled()
  await pass(3_000)
  await expectExpired(long, run.id)
  await pass(5 * minute)
  await expectEither(long, run.id)
})

test("a key that names the run proves it, and its own retention says what has become of it", async () => {
  const { server, client, pass } = await place()
  const keeper = await client({ retention: "10 minutes" })
  const other = await client({ retention: "1 second" })
  const run = await keeper.start(chain(double(1), double()).with({ key: "one" }))
  expect(await run.result()).toBe(4)
  await pass(5 * minute)
  // Longer ago than the one who asks would have kept it.
  expect(await other.attach(run.id, double(1)).status()).toBe("Succeeded")
  await server.settled()
  const worker = server.records("memory.k.>")
  expect(worker).toHaveLength(1)
  await pass(6 * minute)
  await expectEither(other, run.id)
})

test("nobody collects, and the timer that was to do so has fired: what is left still says how long it was kept", async () => {
  const server = memoryServer()
  const client = clientOn(async () => server.connect())
  const worker = await workerOver(server.connect(), [double])
  const [short, long] = [await client({ retention: "1 second" }), await client()]
  const run = await short.start(chain(double(1), double()))
  expect(await run.result()).toBe(4)
  await worker.drain()
  server.clock.advance(10 * minute)
  await expectExpired(long, run.id)
  await expectExpired(await client({ retention: "1 second" }), run.id)
})

test("a run that is queued is pending to one who would not have kept its outcome for so long", async () => {
  const server = memoryServer()
  const client = clientOn(async () => server.connect())
  const run = await (await client()).start(double(1))
  server.clock.advance(5 * minute)
  const other = await client({ retention: "1 second" })
  expect(await other.attach(run.id, double(1)).status()).toBe("pending")
})

test("on a real server", async () => {
  const { url } = await serverForTest()
  const connect = () => connectNats({ servers: url, namespace: "absent" })
  const client = clientOn(connect)
  const [short, long] = [await client({ retention: "1 second" }), await client()]
  const worker = await workerOver(await connect(), [double])
  onTestFinished(() => worker.drain())
  const run = await short.start(double(1))
  const longer = await short.start(chain(double(1), double()))
  expect(await run.result()).toBe(2)
  expect(await longer.result()).toBe(4)
  await expect.poll(() => run.status(), { timeout: 10_000 }).toBe("forgotten")
  await expect.poll(() => longer.status(), { timeout: 10_000 }).toBe("forgotten")
  await expectEither(long, run.id)
  await expectExpired(long, longer.id)
})
