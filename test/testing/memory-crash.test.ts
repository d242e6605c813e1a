/** Processes of the memory broker that die, and a server that starts again. */
import { describe, expect, test } from "vitest"
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
