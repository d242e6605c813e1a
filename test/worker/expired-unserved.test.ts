/** A call that was handed to its queue's only worker, which has died: it ends when its time is over, while a worker of another queue is there. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, group, settle, task } from "arpeggio"
import { workerOver, type Broker, type Fault, type MemoryServer } from "arpeggio/testing"
import { minute, one, scene, second, two } from "./unserved-scene.ts"

/** Takes what it can from its queue, begins none of it, and dies. */
const dies = async (server: MemoryServer, takes: () => Promise<unknown>): Promise<void> => {
  const broker = server.connect()
  const mute: Broker = {
    ...broker,
    consume: (lane, deliver, spare) =>
      broker.consume(lane, lane.queue === "mail" ? () => {} : deliver, spare)
  }
  await workerOver(mute, [two("mail")])
  await takes()
  await server.settled()
  server.crash(broker)
}

const expiring = (x: number) => two("mail")(x).with({ expires: "30 seconds" })

test("it ends as Expired within minutes, long before patience is over, and others stay", async () => {
  const { app, server, lines, work, pass } = await scene()
  const takes = async () => [
    await app.start(expiring(1)),
    await app.start(two("mail")(2)),
    await app.start(two("mail")(3).with({ expires: "10 minutes" }))
  ]
  let runs: Awaited<ReturnType<typeof takes>> = []
  await dies(server, async () => (runs = await takes()))
  const other = await work([one])
  await pass(40 * second)
  expect((await runs[0]!.describe()).words).toMatch(
    /by a worker that does not say it runs.*It expired at \S+: the next worker of that queue ends it as Expired, and a worker of another queue does when it has seen for a minute that nobody takes from this one; where no worker is there at all, nobody can$/
  )
  await pass(2 * minute)
  expect(await runs[0]!.outcome()).toMatchObject({ _tag: "Expired", mayHaveBegun: true })
  expect(await runs[1]!.status()).toBe("pending")
  expect(await runs[2]!.status()).toBe("pending")
  expect(lines.filter((line) => line.includes("ended as Expired"))).toEqual([
    'queue "mail": 1 call has ended as Expired: the worker that was handed it is gone, and the time to begin is over'
  ])
  await pass(9 * minute)
  expect(await runs[2]!.status()).toBe("Expired")
  await work([two("mail")])
  await pass(minute)
  expect(await runs[1]!.result()).toBe(3)
  expect((await other.health()).problems).toEqual([])
})

test("a worker that was only slow, and has begun it, keeps it", async () => {
  const { app, server, work, pass } = await scene()
  let end = (): void => {}
  const slow = task(
    "two",
    { input: [Schema.Finite], output: Schema.Finite, queue: "mail", timeout: "1 day" },
    (x) => new Promise<number>((resolve) => (end = () => resolve(x)))
  )
  await work([slow], { concurrency: 1 })
  await work([one])
  const run = await app.start(expiring(1))
  await pass(20 * minute)
  end()
  await server.settled()
  expect(await run.result()).toBe(1)
})

const heard = task("heard", { input: [Schema.Json], output: Schema.Json }, (told) => told)

/** Plays it with a fault at one call of those that end it; answers with how many there were. */
const play = async (at: number, fault: Fault | undefined): Promise<number> => {
  const { server, app, pass } = await scene()
  let run: { outcome(): Promise<unknown>; status(): Promise<string> } | undefined
  await dies(server, async () => {
    run = await app.start(group(chain(settle(expiring(1)), heard() as never), one()) as never)
    await server.settled()
  })
  const minutes = async (count: number): Promise<void> => {
    for (let passed = 0; passed < count * 12; passed++) {
      server.clock.advance(5 * second)
      await server.settled()
    }
  }
  let calls = 0
  let workers = 0
  // One that has died is not drained.
  const begin = () => {
    const broker = server.connect({ name: `other-${workers++}` })
    return workerOver(broker, [one, heard], { print: () => {} })
  }
  await begin()
  await pass(40 * second)
  let coming: Promise<unknown> | undefined
  server.onCall = ({ connection, verb, subject }) => {
    const is = connection.startsWith("other") && ["publish", "purge"].includes(verb)
    if (!is || !/^memory\.[a-z]\./.test(subject)) return undefined
    calls += 1
    if (calls !== at) return undefined
    if (fault === "crash-before" || fault === "crash-after") coming = begin()
    return fault
  }
  await minutes(4)
  await coming
  await minutes(4)
  server.onCall = undefined
  expect(await run!.status(), `${fault} at ${at}`).toBe("Succeeded")
  expect(await run!.outcome()).toMatchObject({
    _tag: "Succeeded",
    value: [{ _tag: "Expired", mayHaveBegun: true }, 1]
  })
  expect(server.records("memory.t.mail.>")).toEqual([])
  return calls
}

test.each(["lost", "unanswered", "duplicate", "crash-before", "crash-after"] as const)(
  "whatever goes wrong as it is ended: %s",
  { timeout: 120_000 },
  async (fault) => {
    const calls = await play(0, undefined)
    expect(calls).toBeGreaterThan(2)
    for (let at = 1; at <= calls; at++) await play(at, fault)
  }
)
