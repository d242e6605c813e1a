/** Every fault at every call of a small worker: the outcome is stored once, and the call is gone. */
import { expect, test } from "vitest"
import { recordSubject, parseSubject } from "../../src/encode/subjects.ts"
import type { Delivery } from "../../src/broker/broker.ts"
import type { Fault } from "../../src/testing/memory/fault.ts"
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import { bytes, publishCalls } from "../conformance/broker/place.ts"

const lane = { queue: "default", level: "0" }
const run = { owner: "enum", instance: "i", run: "run0000001" }

/** An answer that was lost says nothing: ask again. */
const until = async <A>(ask: () => Promise<A>): Promise<A> => {
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
  }
}

/** Stores one outcome per call, then acks. */
const startWorker = async (server: MemoryServer, name: string): Promise<void> => {
  const broker = server.connect({ name })
  const work = async (delivery: Delivery): Promise<void> => {
    const subject = recordSubject("memory", "r", parseSubject(delivery.subject)!)
    await until(() => broker.publish({ subject, body: bytes(name), unless: subject }))
    delivery.ack()
  }
  const consumption = await until(() => broker.consume(lane, (delivery) => void work(delivery)))
  consumption.pull(10)
}

/** Runs one call under a fault at the n-th call of the first worker; a second worker comes later. */
const play = async (
  at: number,
  fault: Fault,
  seed: number
): Promise<{
  readonly calls: number
  readonly left: ReadonlyArray<string>
  readonly story: string
}> => {
  const server = memoryServer({ clock: "manual", seed })
  const story: Array<string> = []
  let calls = 0
  server.onCall = ({ connection, verb, count }) => {
    story.push(`${connection} ${verb}`)
    if (connection !== "first") return undefined
    calls = count
    return count === at ? fault : undefined
  }
  await publishCalls(server.connect({ name: "client" }), lane, 1, run)
  void startWorker(server, "first")
  await server.settled()
  void startWorker(server, "second")
  await server.settled()
  for (let lease = 0; lease < 3; lease++) {
    server.clock.advance(30_000)
    await server.settled()
  }
  return { calls, left: server.records().map(({ subject }) => subject), story: story.join(", ") }
}

const faults: ReadonlyArray<Fault> = [
  "lost",
  "unanswered",
  "duplicate",
  "crash-before",
  "crash-after"
]

for (const fault of faults) {
  test(`"${fault as string}" at every call`, async () => {
    for (const seed of [1, 2, 3]) {
      const { calls } = await play(0, fault, seed)
      expect(calls).toBe(4)
      for (let at = 1; at <= calls; at++) {
        const { left, story } = await play(at, fault, seed)
        expect(left, story).toEqual([recordSubject("memory", "r", run)])
      }
    }
  })
}

test("the same seed plays the same story, another seed another one", async () => {
  const storyOf = async (seed: number): Promise<string> => {
    const server = memoryServer({ clock: "manual", seed })
    const brokers = [server.connect(), server.connect(), server.connect()]
    const story: Array<string> = []
    for (const [place, broker] of brokers.entries()) {
      const consumption = await broker.consume(lane, ({ subject }) =>
        story.push(`${place} takes ${parseSubject(subject)!.node}`)
      )
      consumption.pull(10)
    }
    await publishCalls(brokers[0]!, lane, 20, run)
    await server.settled()
    return story.join(", ")
  }
  const [one, again, other] = [await storyOf(1), await storyOf(1), await storyOf(2)]
  expect(again).toBe(one)
  expect(other).not.toBe(one)
})
