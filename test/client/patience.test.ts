/** Waiting when the connection ends by itself, and times longer than Node's timers and the broker can count. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { BrokerError, task } from "arpeggio"
import { clientOver, memoryServer, testApp } from "arpeggio/testing"
import { unpackKind } from "../../src/encode/codec.ts"

const double = task(
  "patience.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => new Promise<number>((resolve) => setTimeout(resolve, 20, x * 2))
)

test("a connection that ends for good ends the waiting", async () => {
  const broker = memoryServer().connect()
  const app = await clientOver(broker)
  const run = await app.start(double(1))
  const failure = run.result().catch((cause: unknown) => cause)
  await broker.close()
  expect(await failure).toBeInstanceOf(BrokerError)
})

test("a timeout and a wait longer than Node's timers can be", async () => {
  await using app = await testApp([double])
  const patient = double(2).with({ timeout: "30 days" })
  expect(await app.run(patient, undefined, { within: "40 days" })).toBe(4)
})

const tenYears = 3_650 * 86_400_000

test.each([
  ["1500500 micros", 1_501],
  ["5 millis", 1_000],
  ["1000000 weeks", tenYears],
  ["Infinity", tenYears]
] as const)("a retention of %s becomes one of %d ms", async (retention, keep) => {
  const server = memoryServer()
  const app = await clientOver(server.connect(), { retention })
  await app.start(double(3))
  const [call] = server.records("memory.t.>")
  expect(unpackKind(call!.body, "call").message.keep).toBe(keep)
  await app.close()
})
