/** Faults of the memory broker at every call and every arrival. */
import { describe, expect, test } from "vitest"
import type { Broker } from "../../src/broker/broker.ts"
import type { Fault } from "../../src/testing/memory/fault.ts"
import type { MemoryServer } from "../../src/testing/memory/server.ts"
import {
  bytes,
  newLane,
  newRun,
  publishCalls,
  subjectIn,
  take,
  text
} from "../conformance/broker/place.ts"
import { manual, record, stateOf } from "./memory-fixture.ts"

/** Puts one fault at the next call of that kind. */
const once = (server: MemoryServer, verb: string, fault: Fault): void => {
  server.onCall = (call) => {
    if (call.verb !== verb) return undefined
    server.onCall = undefined
    return fault
  }
}

describe("a fault at a call", () => {
  const expected: ReadonlyArray<[Fault, state: string, stored: number]> = [
    ["lost", "rejected", 0],
    ["unanswered", "rejected", 1],
    ["duplicate", "resolved", 2],
    ["crash-before", "pending", 0],
    ["crash-after", "pending", 1],
    [{ refuse: "Full" }, "rejected", 0]
  ]
  for (const [fault, state, stored] of expected) {
    test(`${JSON.stringify(fault)}: ${state}, ${stored} stored`, async () => {
      const server = manual()
      const broker = server.connect()
      once(server, "publish", fault)
      expect(await stateOf(server, broker.publish(record(broker)))).toBe(state)
      expect(server.records()).toHaveLength(stored)
    })
  }

  test("an error says which fault it was", async () => {
    const server = manual()
    const broker = server.connect()
    once(server, "publish", "unanswered")
    await expect(broker.publish(record(broker))).rejects.toMatchObject({ reason: "Unknown" })
    once(server, "read", { refuse: "Unreachable" })
    await expect(broker.read("anything")).rejects.toMatchObject({ reason: "Unreachable" })
  })

  test("held and late calls take effect when the test says so", async () => {
    const server = manual()
    const broker = server.connect()
    for (const [kind, state] of [
      ["hold", "pending"],
      ["late", "rejected"]
    ] as const) {
      const publication = record(broker)
      let release = (): void => {}
      const gate = new Promise<void>((resolve) => (release = resolve))
      once(server, "publish", kind === "hold" ? { hold: gate } : { late: gate })
      const answer = broker.publish(publication)
      expect(await stateOf(server, answer)).toBe(state)
      expect(await broker.read(publication.subject)).toBeUndefined()
      release()
      await server.settled()
      expect(text((await broker.read(publication.subject))?.body)).toBe("value")
    }
  })

  test("a duplicate write with a condition loses against itself, as a resent one does", async () => {
    const server = manual()
    const broker = server.connect()
    const { subject, body } = record(broker)
    once(server, "publish", "duplicate")
    expect(await broker.publish({ subject, body, unless: subject })).toEqual({ stored: false })
  })

  test("calls are counted per connection and named", async () => {
    const server = manual()
    const seen: Array<string> = []
    server.onCall = ({ connection, verb, count }) => {
      seen.push(`${connection} ${verb} ${count}`)
      return undefined
    }
    const [one, two] = [server.connect({ name: "one" }), server.connect({ name: "two" })]
    await one.count("memory.>")
    await two.count("memory.>")
    await one.waiting(newLane())
    expect(seen).toEqual(["one count 1", "two count 1", "one waiting 2"])
  })
})

describe("a fault at an arrival", () => {
  test("a lost delivery comes again after the lease", async () => {
    const server = manual()
    const broker = server.connect()
    const lane = newLane()
    once(server, "deliver", "lost")
    await publishCalls(broker, lane, 1)
    const taken = await take(broker, lane, 2)
    await server.settled()
    expect(taken.calls).toHaveLength(0)
    server.clock.advance(30_000)
    await taken.arrived(1)
    expect(taken.calls[0]!.deliveries).toBe(2)
  })

  test("a duplicate delivery runs the call twice at the same time", async () => {
    const server = manual()
    const broker = server.connect()
    const lane = newLane()
    once(server, "deliver", "duplicate")
    await publishCalls(broker, lane, 1)
    const taken = await take(broker, lane, 2)
    await taken.arrived(2)
    expect(taken.calls.map(({ deliveries }) => deliveries)).toEqual([1, 2])
  })

  test("a lost reply is lost, and the outcome is stored", async () => {
    const server = manual()
    const broker = server.connect()
    const run = newRun()
    const heard: Array<unknown> = []
    await broker.replies(run.owner, run.instance, run.run, () => heard.push("reply"))
    once(server, "reply", "lost")
    await broker.publish({ subject: subjectIn(broker, "r", run), body: bytes("outcome") })
    await server.settled()
    expect(heard).toEqual([])
    expect(server.records()).toHaveLength(1)
  })
})

test("after stop nothing is heard, not even what was on its way", async () => {
  const server = manual()
  const broker = server.connect()
  const heard: Array<unknown> = []
  const subscription = await broker.listen("topic", () => heard.push("news"))
  server.onCall = ({ verb }) => {
    if (verb === "hear") subscription.stop()
    return undefined
  }
  broker.announce("topic", bytes("news"))
  await server.settled()
  expect(heard).toEqual([])
})

describe("a timer that fires where a call sets or removes one", () => {
  const run = newRun()

  /** Sets a timer, then does something to it under a fault; gives what is stored then. */
  const played = async (fault: Fault, verb: string, work: (broker: Broker) => Promise<unknown>) => {
    const server = manual()
    const broker = server.connect()
    const subject = subjectIn(broker, "s", run, "1")
    const set = (body: string): Promise<unknown> =>
      broker.publish({
        subject,
        body: bytes(body),
        fire: { time: server.clock.now() + 60_000, target: subjectIn(broker, "i", run, body) }
      })
    await set("first")
    once(server, verb, fault)
    await (verb === "publish" ? set("second") : work(broker))
    const stored = server.records().map((one) => `${one.subject.split(".")[1]} ${text(one.body)}`)
    server.clock.advance(120_000)
    return { stored, fired: server.records().map((one) => text(one.body)) }
  }

  test("right before: what is set stands and fires, too", async () => {
    const { stored, fired } = await played("fired", "publish", async () => {})
    expect(stored).toEqual(["i first", "s second"])
    expect(fired).toEqual(["first", "second"])
  })

  test("just then: what is set is taken away", async () => {
    const { stored, fired } = await played("firing", "publish", async () => {})
    expect(stored).toEqual(["i first"])
    expect(fired).toEqual(["first"])
  })

  for (const fault of ["fired", "firing"] as const) {
    test(`${fault}: what is removed comes nevertheless`, async () => {
      const removing = (broker: Broker): Promise<unknown> =>
        broker.purge(subjectIn(broker, "s", run, "*"))
      expect((await played(fault, "purge", removing)).fired).toEqual(["first"])
    })
  }

  test("nothing special happens where none stands", async () => {
    const server = manual()
    const broker = server.connect()
    once(server, "publish", "firing")
    const subject = subjectIn(broker, "i", run, "1")
    expect(await broker.publish({ subject, body: bytes("x") })).toMatchObject({ stored: true })
    expect(server.records()).toHaveLength(1)
  })
})
