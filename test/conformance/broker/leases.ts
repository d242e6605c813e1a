/** Leases: a call without a sign of life is handed out again. */
import { expect, test } from "vitest"
import {
  bytes,
  callIn,
  eventually,
  newLane,
  newRun,
  publishCalls,
  take,
  text,
  type Place
} from "./place.ts"

export const leaseTests = (here: () => Place): void => {
  test("a call nobody acks is handed out again, and says so", async () => {
    const { broker, lease, wait } = here()
    const lane = newLane()
    const [subject] = await publishCalls(broker, lane, 1)
    const taken = await take(broker, lane, 3)
    await taken.arrived(1)
    await wait(lease)
    await taken.arrived(2)
    await wait(lease)
    await taken.arrived(3)
    expect(taken.calls.map(({ subject, deliveries }) => [subject, deliveries])).toEqual([
      [subject, 1],
      [subject, 2],
      [subject, 3]
    ])
    taken.calls[2]!.ack()
    await eventually(async () => (await broker.read(subject!)) === undefined, true)
    await taken.consumption.stop()
  })

  test("another process takes over, and a late ack of the first removes the call", async () => {
    const { broker, lease, second, wait } = here()
    const other = await second()
    const lane = newLane()
    const [subject] = await publishCalls(broker, lane, 1)
    const first = await take(broker, lane, 1)
    await first.arrived(1)
    const next = await take(other, lane, 1)
    await wait(lease)
    await next.arrived(1)
    expect(next.calls[0]).toMatchObject({ subject, deliveries: 2 })
    first.calls[0]!.ack()
    await eventually(async () => (await broker.read(subject!)) === undefined, true)
    await Promise.all([first.consumption.stop(), next.consumption.stop()])
    await other.close()
  })

  test("the calls of a process that leaves are handed to another", async () => {
    const { broker, lease, second, wait } = here()
    const other = await second()
    const lane = newLane()
    const subjects = await publishCalls(broker, lane, 3)
    const first = await take(other, lane, 3)
    await first.arrived(3)
    await other.close()
    const next = await take(broker, lane, 3)
    await wait(lease)
    await next.arrived(3)
    expect(next.calls.map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted())
    expect(next.calls.map(({ deliveries }) => deliveries)).toEqual([2, 2, 2])
    for (const call of next.calls) call.ack()
    await next.consumption.stop()
  })

  test("a sign of life keeps the call, its absence loses it", async () => {
    const { broker, lease, wait } = here()
    const lane = newLane()
    await publishCalls(broker, lane, 1)
    const taken = await take(broker, lane, 2)
    await taken.arrived(1)
    for (let third = 0; third < 8; third++) {
      taken.calls[0]!.extend()
      await wait(lease / 3)
    }
    expect(taken.calls).toHaveLength(1)
    await wait(lease)
    await taken.arrived(2)
    expect(taken.calls[1]!.deliveries).toBe(2)
    taken.calls[1]!.ack()
    await taken.consumption.stop()
  })

  test("the same subject may be published again while its call is held", async () => {
    const { broker } = here()
    const lane = newLane()
    const subject = callIn(broker, lane, newRun(), "1")
    await broker.publish({ subject, body: bytes("first") })
    const taken = await take(broker, lane, 2)
    await taken.arrived(1)
    await broker.publish({ subject, body: bytes("again") })
    taken.calls[0]!.ack()
    await taken.arrived(2)
    expect(taken.calls[1]).toMatchObject({ subject, deliveries: 1 })
    expect(text(taken.calls[1]!.body)).toBe("again")
    taken.calls[1]!.ack()
    await eventually(async () => (await broker.read(subject)) === undefined, true)
    await taken.consumption.stop()
  })
}
