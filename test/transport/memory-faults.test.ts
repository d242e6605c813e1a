/** Crashes and faults of the memory broker, and that all of them can be enumerated. */
import { describe, expect, test } from "vitest"
import type { Broker } from "../../src/transport/broker.ts"
import type { Fault } from "../../src/transport/memory/fault.ts"
import { memoryServer, type MemoryServer } from "../../src/transport/memory/server.ts"
import {
  bytes,
  newLane,
  newRun,
  publishCalls,
  subjectIn,
  take,
  text
} from "../conformance/broker/place.ts"

const manual = (seed?: number): MemoryServer =>
  memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })

/** Whether a promise has settled once nothing travels any more. */
const stateOf = async (server: MemoryServer, promise: Promise<unknown>): Promise<string> => {
  let state = "pending"
  promise.then(
    () => (state = "resolved"),
    () => (state = "rejected")
  )
  await server.settled()
  return state
}

/** Puts one fault at the next call of that kind. */
const once = (server: MemoryServer, verb: string, fault: Fault): void => {
  server.onCall = (call) => {
    if (call.verb !== verb) return undefined
    server.onCall = undefined
    return fault
  }
}

const record = (broker: Broker): { subject: string; body: Uint8Array } => ({
  subject: subjectIn(broker, "i", newRun(), "1"),
  body: bytes("value")
})

describe("a crashed process", () => {
  test("keeps its lease until it runs out, and nothing reaches it any more", async () => {
    const server = manual()
    const [dying, living] = [server.connect(), server.connect()]
    const lane = newLane()
    await publishCalls(living, lane, 2)
    const first = await take(dying, lane, 1)
    await first.arrived(1)
    first.consumption.pull(5)
    server.crash(dying)
    const next = await take(living, lane, 5)
    await server.settled()
    expect(next.calls.map(({ deliveries }) => deliveries)).toEqual([1])
    server.clock.advance(29_999)
    await server.settled()
    expect(next.calls).toHaveLength(1)
    server.clock.advance(1)
    await next.arrived(3)
    expect(next.calls.map(({ deliveries }) => deliveries)).toEqual([1, 2, 2])
    expect(first.calls).toHaveLength(1)
  })

  test("never hears an answer, and can do nothing any more", async () => {
    const server = manual()
    const [dying, living] = [server.connect(), server.connect()]
    const sent = record(dying)
    const pending = dying.publish(sent)
    server.crash(dying)
    const late = record(dying)
    expect(await stateOf(server, pending)).toBe("pending")
    expect(await stateOf(server, dying.publish(late))).toBe("pending")
    expect(await stateOf(server, dying.ended)).toBe("pending")
    expect(text((await living.read(sent.subject))?.body)).toBe("value")
    expect(await living.read(late.subject)).toBeUndefined()
  })

  test("hears no outcome and no announcement", async () => {
    const server = manual()
    const [dying, living] = [server.connect(), server.connect()]
    const run = newRun()
    const heard: Array<unknown> = []
    await dying.replies(run.owner, run.instance, undefined, () => heard.push("reply"))
    await dying.listen("topic", () => heard.push("news"))
    const stored = living.publish({ subject: subjectIn(living, "r", run), body: bytes("outcome") })
    living.announce("topic", bytes("news"))
    server.crash(dying)
    await stored
    await server.settled()
    expect(heard).toEqual([])
  })

  test("cannot ack: what it would send after its death is not sent", async () => {
    const server = manual()
    const dying = server.connect()
    const lane = newLane()
    await publishCalls(dying, lane, 1)
    const taken = await take(dying, lane, 1)
    await taken.arrived(1)
    server.crash(dying)
    taken.calls[0]!.ack()
    await server.settled()
    expect(server.records()).toHaveLength(1)
  })
})

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

describe("a restart of the server", () => {
  test("forgets the ids of records that are gone, and tells every connection", async () => {
    const server = manual()
    const broker = server.connect()
    let reconnected = 0
    broker.onReconnect(() => reconnected++)
    const [kept, gone] = [record(broker), record(broker)]
    await broker.publish({ ...kept, id: "kept" })
    await broker.publish({ ...gone, id: "gone" })
    await broker.purge(gone.subject)
    expect(await broker.publish({ ...gone, id: "gone" })).toMatchObject({ duplicate: true })
    server.restart()
    await server.settled()
    expect(reconnected).toBe(1)
    expect(await broker.publish({ ...kept, id: "kept" })).toMatchObject({ duplicate: true })
    expect(await broker.publish({ ...gone, id: "gone" })).toMatchObject({ duplicate: false })
  })
})
