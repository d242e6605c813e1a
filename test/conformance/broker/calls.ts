/** Calls of a lane: who gets them, how many, and when they are gone. */
import { expect, test } from "vitest"
import { laneFilter, systemQueue } from "../../../src/encode/subjects.ts"
import { eventually, newLane, newRun, publishCalls, take, text, type Place } from "./place.ts"

export const callTests = (here: () => Place): void => {
  test("a call is handed out with its body, for the first time, and not by a timer", async () => {
    const { broker } = here()
    const lane = newLane()
    const [subject] = await publishCalls(broker, lane, 1)
    const taken = await take(broker, lane, 1)
    await taken.arrived(1)
    const [call] = taken.calls
    expect(call).toMatchObject({ subject, deliveries: 1, fired: false })
    expect(text(call!.body)).toBe(subject)
    expect(call!.at).toBe((await broker.read(subject!))?.at)
    call!.ack()
    await taken.consumption.stop()
  })

  test("an ack removes the call", async () => {
    const { broker } = here()
    const lane = newLane()
    const [subject] = await publishCalls(broker, lane, 1)
    const taken = await take(broker, lane, 1)
    await taken.arrived(1)
    expect(await broker.read(subject!)).toBeDefined()
    taken.calls[0]!.ack()
    await eventually(async () => (await broker.read(subject!)) === undefined, true)
    await taken.consumption.stop()
  })

  test("a consumption that began before the publication gets the call", async () => {
    const { broker } = here()
    const lane = newLane()
    const taken = await take(broker, lane, 1)
    await publishCalls(broker, lane, 1)
    await taken.arrived(1)
    taken.calls[0]!.ack()
    await taken.consumption.stop()
  })

  test("nothing is handed out before a pull, and never more than was asked for", async () => {
    const { broker } = here()
    const lane = newLane()
    const filter = laneFilter(broker.facts.namespace, lane.queue, lane.level)
    const taken = await take(broker, lane)
    await publishCalls(broker, lane, 6)
    expect(await broker.count(filter)).toBe(6)
    expect(taken.calls).toHaveLength(0)
    taken.consumption.pull(2)
    await taken.arrived(2)
    for (const call of taken.calls) call.ack()
    await eventually(() => broker.count(filter), 4)
    expect(taken.calls).toHaveLength(2)
    taken.consumption.pull(1)
    taken.consumption.pull(2)
    await taken.arrived(5)
    for (const call of taken.calls.slice(2)) call.ack()
    await eventually(() => broker.count(filter), 1)
    expect(taken.calls).toHaveLength(5)
    await taken.consumption.stop()
  })

  test("two processes share a lane without overlap", async () => {
    const { broker, second } = here()
    const other = await second()
    const lane = newLane()
    const subjects = await publishCalls(broker, lane, 40)
    const [one, two] = [await take(broker, lane, 20), await take(other, lane, 20)]
    await Promise.all([one.arrived(20), two.arrived(20)])
    const all = [...one.calls, ...two.calls]
    expect(all.map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted())
    expect(all.every(({ deliveries }) => deliveries === 1)).toBe(true)
    for (const call of all) call.ack()
    const filter = laneFilter(broker.facts.namespace, lane.queue, lane.level)
    await eventually(() => broker.count(filter), 0)
    await Promise.all([one.consumption.stop(), two.consumption.stop()])
    await other.close()
  })

  test("after stop nothing arrives, and others get the rest", async () => {
    const { broker, second } = here()
    const other = await second()
    const lane = newLane()
    const taken = await take(broker, lane, 5)
    await publishCalls(broker, lane, 2)
    await taken.arrived(2)
    await taken.consumption.stop()
    const [subject] = await publishCalls(broker, lane, 1)
    const rest = await take(other, lane, 1)
    await rest.arrived(1)
    expect(rest.calls[0]).toMatchObject({ subject, deliveries: 1 })
    expect(taken.calls).toHaveLength(2)
    for (const call of [...taken.calls, ...rest.calls]) call.ack()
    const filter = laneFilter(broker.facts.namespace, lane.queue, lane.level)
    await eventually(() => broker.count(filter), 0)
    await other.close()
  })

  test("the system lane and the queues are apart", async () => {
    const { broker } = here()
    const [lane, system] = [newLane(), { queue: systemQueue, level: "0" }]
    const [queued, inner] = [await take(broker, lane, 10), await take(broker, system, 10)]
    const [queuedRun, innerRun] = [newRun(), newRun()]
    const subjects = await publishCalls(broker, lane, 3, queuedRun)
    const innerSubjects = await publishCalls(broker, system, 2, innerRun)
    await Promise.all([queued.arrived(3), inner.arrived(2)])
    expect(queued.calls.map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted())
    expect(inner.calls.map(({ subject }) => subject).toSorted()).toEqual(innerSubjects.toSorted())
    for (const call of [...queued.calls, ...inner.calls]) call.ack()
    await Promise.all([queued.consumption.stop(), inner.consumption.stop()])
  })

  test("waiting says whether anybody would take a call", async () => {
    const { broker, second } = here()
    const other = await second()
    const lane = newLane()
    expect(await broker.waiting(lane)).toBe(0)
    const taken = await take(other, lane, 3)
    await eventually(async () => (await broker.waiting(lane)) > 0, true)
    await taken.consumption.stop()
    await eventually(() => broker.waiting(lane), 0)
    await other.close()
  })

  test("a removed call is not handed out", async () => {
    const { broker } = here()
    const lane = newLane()
    const [removed, kept] = await publishCalls(broker, lane, 2)
    await broker.purge(removed!)
    const taken = await take(broker, lane, 2)
    await taken.arrived(1)
    expect(taken.calls[0]!.subject).toBe(kept)
    taken.calls[0]!.ack()
    await eventually(async () => (await broker.read(kept!)) === undefined, true)
    expect(taken.calls).toHaveLength(1)
    await taken.consumption.stop()
  })
}
