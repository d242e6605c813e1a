/** Waiting when the connection ends by itself, and times longer than Node's timers and the broker can count. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { BrokerError, task } from "arpeggio"
import { clientOver, memoryServer, testApp } from "arpeggio/testing"

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

for (const retention of ["1500500 micros", "5 millis", "1000000 weeks", "Infinity"] as const) {
  test(`a retention of ${retention} becomes one that can be`, async () => {
    await using app = await testApp([double], { retention })
    expect(await app.run(double(3))).toBe(6)
  })
}
