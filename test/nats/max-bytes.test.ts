/** Fact: a full stream with max_bytes discards queued work, unless the server refuses what is new before: with one copy it does at the account's limit. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { connect, map, chain, startWorker, task } from "arpeggio"
import type { Broker } from "../../src/broker/broker.ts"
import { whyDiscards } from "../../src/nats/max-bytes.ts"
import { brokerForTest, bytes, callOn, namespace, record, serverForTest } from "./fixture.ts"
import { edit, operate, sizedServerForTest } from "./sized.ts"

const stream = `arpeggio-${namespace}`
const limit = 24_000_000
const account = { maxBytes: "account" } as const

const refusal = (options: Parameters<typeof connect>[0]): Promise<unknown> =>
  connect({ namespace, print: () => {}, ...options }).then(
    (app) => app.close(),
    (error: unknown) => error
  )

test("an account that wants a size for each stream is told about `maxBytes`, and works with it", async () => {
  const server = await sizedServerForTest(`max_store: ${limit}`)
  expect(await refusal({ servers: server.url })).toMatchObject({
    reason: "Misconfigured",
    message: expect.stringMatching(/10113.*Pass maxBytes: "account"/)
  })
  const numbers = task(
    "sized.numbers",
    { input: [Schema.Finite], output: Schema.Array(Schema.Finite) },
    (n) => Array.from({ length: n }, (_, at) => at)
  )
  const double = task(
    "sized.double",
    { input: [Schema.Finite], output: Schema.Finite },
    (n) => n * 2
  )
  const options = { servers: server.url, namespace, print: () => {}, ...account }
  await using _worker = await startWorker([numbers, double], options)
  await using app = await connect(options)
  expect(await app.run(chain(numbers(3), map(double())))).toEqual([0, 2, 4])
  const { ok, notes } = await app.health()
  expect(ok).toBe(true)
  expect(notes.join("\n")).toContain("whole storage of its account")
  // Whoever comes later needs no option: what the stream has counts.
  await using _late = await connect({ servers: server.url, namespace, print: () => {} })
})

/** Stores until the broker has no room; resolves with how many were accepted. */
const fill = async (broker: Broker, who: string, size: number, together: boolean) => {
  let accepted = 0
  const lane = async (at: number): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const names = together ? ["a", "b", "c"] : ["a"]
      const records = names.map((node) => {
        const subject = record(`${who}x${at}x${n}`, node)
        return { subject, body: new Uint8Array(size), unless: subject }
      })
      try {
        await broker.publishTogether(records)
        accepted += records.length
      } catch (cause) {
        expect(cause).toMatchObject({ reason: "Full" })
        return
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, at) => lane(at)))
  return accepted
}

for (const [what, size, together] of [
  ["small records", 900, false],
  ["records of 200 KB", 200_000, false],
  ["batches", 40_000, true]
] as const) {
  test(`four clients that fill the account with ${what} at full speed lose nothing that was accepted`, async () => {
    const server = await sizedServerForTest(`max_store: ${limit}`)
    const brokers = await Promise.all(
      Array.from({ length: 4 }, () => brokerForTest(server, {}, account))
    )
    const [first] = brokers as [Broker]
    // What a full stream would discard first.
    await first.publish({ subject: callOn("q", "run1"), body: bytes("oldest") })
    const accepted = await Promise.all(
      brokers.map((broker, at) => fill(broker, `run${at}`, size, together))
    )
    const stored = await first.count(`${namespace}.i.>`)
    expect(stored).toBe(accepted.reduce((sum, one) => sum + one))
    expect(stored * size).toBeGreaterThan(limit * 0.7)
    expect(await first.count(`${namespace}.t.>`)).toBe(1)
    // The stream is the same after a restart.
    await server.restart()
    expect(await first.count(`${namespace}.*.>`)).toBe(stored + 1)
  }, 60_000)
}

test("what would discard queued work is refused, and the words say what helps", async () => {
  const sized = await sizedServerForTest(`max_store: ${limit}`)
  expect(await refusal({ servers: sized.url, ...account, replicas: 3 })).toMatchObject({
    reason: "Misconfigured",
    message: expect.stringContaining("safe with one copy only")
  })
  await brokerForTest(sized, {}, account)
  // Smaller than what its account may store: by hand, or because that was raised.
  await edit(sized, stream, { max_bytes: limit - 1 })
  expect(String(await refusal({ servers: sized.url, ...account }))).toMatch(
    /max_bytes is 23999999, and a full stream discards.*Raise max_bytes to the account's limit/
  )
  await edit(sized, stream, { max_bytes: limit })
  expect(await refusal({ servers: sized.url })).toBeUndefined()

  const unlimited = await serverForTest()
  expect(String(await refusal({ servers: unlimited.url, ...account }))).toContain(
    "needs an account with a limit of its own"
  )
  await brokerForTest(unlimited)
  await edit(unlimited, stream, { max_bytes: limit })
  expect(String(await refusal({ servers: unlimited.url }))).toContain(
    "the account has no limit that would be reached before"
  )
  expect(whyDiscards(limit, 3, limit)).toContain("with 3 copies nothing prevents that")
})

test("where the account cannot give all of it, it says what is in the way", async () => {
  const shared = await sizedServerForTest(`max_store: ${limit}`)
  await operate(shared, "STREAM.CREATE.other", {
    name: "other",
    subjects: ["other"],
    max_bytes: 1_000_000
  })
  expect(String(await refusal({ servers: shared.url, ...account }))).toMatch(
    /\(10047\)"\. Give this namespace an account of its own, or remove the other streams .*other streams have reserved a part of it/
  )
  const capped = await sizedServerForTest(`max_store: ${limit}, disk_max_stream_bytes: 1000000`)
  expect(String(await refusal({ servers: capped.url, ...account }))).toMatch(
    /10122.*have that limit/
  )
})

test("an option that cannot be is refused in words", async () => {
  expect(String(await refusal({ maxBytes: 1_000_000 as never }))).toContain(
    'maxBytes is "account", not 1000000'
  )
})
