/** Timers: the broker puts a call on its subject at a time, never early. */
import { expect, test } from "vitest"
import {
  bytes,
  callIn,
  eventually,
  newLane,
  newRun,
  subjectIn,
  take,
  text,
  type Place
} from "./place.ts"

export const timerTests = (here: () => Place): void => {
  test("a timer puts its call on the target, not before its time, and is gone", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const [subject, target] = [subjectIn(broker, "s", run, "1"), callIn(broker, lane, run, "1")]
    const taken = await take(broker, lane, 1)
    const time = broker.now() + 1_000
    expect(await broker.publish({ subject, body: bytes("tick"), fire: { time, target } })).toEqual({
      stored: true,
      duplicate: false
    })
    expect(text((await broker.read(subject))?.body)).toBe("tick")
    expect(await broker.read(target)).toBeUndefined()
    await wait(1_000)
    await taken.arrived(1)
    const [call] = taken.calls
    expect(call).toMatchObject({ subject: target, deliveries: 1, fired: true, timer: subject })
    expect(text(call!.body)).toBe("tick")
    expect(call!.at).toBeGreaterThanOrEqual(time)
    await eventually(async () => (await broker.read(subject)) === undefined, true)
    call!.ack()
    await eventually(async () => (await broker.read(target)) === undefined, true)
    await taken.consumption.stop()
  })

  test("a timer that is set unless there is one leaves the one that is there", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const [subject, target] = [subjectIn(broker, "s", run, "1"), callIn(broker, lane, run, "1")]
    const taken = await take(broker, lane, 1)
    const time = broker.now() + 1_000
    const set = (body: string, time: number) =>
      broker.publish({ subject, unless: subject, body: bytes(body), fire: { time, target } })
    expect(await set("first", time)).toEqual({ stored: true, duplicate: false })
    expect(await set("second", time + 60_000)).toEqual({ stored: false })
    expect(text((await broker.read(subject))?.body)).toBe("first")
    await wait(1_000)
    await taken.arrived(1)
    expect(text(taken.calls[0]!.body)).toBe("first")
    taken.calls[0]!.ack()
    await eventually(async () => (await broker.read(subject)) === undefined, true)
    expect(await set("third", broker.now() + 60_000)).toEqual({ stored: true, duplicate: false })
    await broker.purge(subject)
    await taken.consumption.stop()
  })

  test("a timer whose time has passed fires at once", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const target = callIn(broker, lane, run, "1")
    const taken = await take(broker, lane, 1)
    const fire = { time: broker.now() - 5_000, target }
    await broker.publish({ subject: subjectIn(broker, "s", run, "1"), body: bytes("past"), fire })
    await wait(1)
    await taken.arrived(1)
    expect(taken.calls[0]).toMatchObject({ subject: target, fired: true })
    taken.calls[0]!.ack()
    await taken.consumption.stop()
  })

  test("the last publication on a timer's subject wins", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const subject = subjectIn(broker, "s", run, "1")
    const [early, late] = [callIn(broker, lane, run, "early"), callIn(broker, lane, run, "late")]
    const taken = await take(broker, lane, 2)
    const now = broker.now()
    await broker.publish({ subject, body: bytes("1"), fire: { time: now + 1_000, target: early } })
    await broker.publish({ subject, body: bytes("2"), fire: { time: now + 2_000, target: late } })
    expect(await broker.count(subject)).toBe(1)
    await wait(2_000)
    await taken.arrived(1)
    expect(taken.calls.map(({ subject, body }) => [subject, text(body)])).toEqual([[late, "2"]])
    expect(await broker.read(early)).toBeUndefined()
    taken.calls[0]!.ack()
    await taken.consumption.stop()
  })

  test("a timer is not set once there is the record that it must not follow", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const subject = subjectIn(broker, "s", run, "1")
    const unless = subjectIn(broker, "i", run, "1")
    const [first, second] = [
      callIn(broker, lane, run, "first"),
      callIn(broker, lane, run, "second")
    ]
    const taken = await take(broker, lane, 2)
    const time = broker.now() + 500
    const timer = { subject, unless, body: bytes("1"), fire: { time, target: first } }
    expect(await broker.publish(timer)).toEqual({ stored: true, duplicate: false })
    await broker.publish({ subject: unless, body: bytes("over") })
    const later = { ...timer, fire: { time, target: second } }
    expect(await broker.publish(later)).toEqual({ stored: false })
    await wait(500)
    await taken.arrived(1)
    expect(taken.calls.map((call) => call.subject)).toEqual([first])
    taken.calls[0]!.ack()
    await taken.consumption.stop()
  })

  test("a timer of this process calls back once, when its time has passed, unless it was cancelled", async () => {
    const { broker, wait } = here()
    const began = broker.elapsed()
    const fired: Array<readonly [name: string, after: number]> = []
    const set = (name: string, after: number): (() => void) =>
      broker.after(after, () => fired.push([name, broker.elapsed() - began]))
    set("later", 60)
    set("soon", 30)
    const cancel = set("never", 40)
    set("at once", 0)
    cancel()
    await wait(60)
    await eventually(async () => fired.length, 3)
    expect(fired.map(([name]) => name)).toEqual(["at once", "soon", "later"])
    expect(fired[2]![1]).toBeGreaterThanOrEqual(59)
    cancel()
  })

  test("whoever is handed what a timer has fired may set it again on the same subject", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const [subject, target] = [subjectIn(broker, "s", run, "1"), callIn(broker, lane, run, "1")]
    const bodies: Array<string> = []
    const consumption = await broker.consume(lane, (call) => {
      bodies.push(text(call.body)!)
      const next = bytes(String(bodies.length))
      const fire = { time: broker.now() + 300, target }
      if (bodies.length === 4) return call.ack()
      void broker.publish({ subject, body: next, fire }).then(() => call.ack())
    })
    consumption.pull(10)
    const fire = { time: broker.now() + 300, target }
    await broker.publish({ subject, body: bytes("0"), fire })
    for (let count = 1; count <= 4; count++) {
      await wait(300)
      await eventually(() => bodies.length, count)
    }
    expect(bodies).toEqual(["0", "1", "2", "3"])
    await eventually(() => broker.count(subject), 0)
    await consumption.stop()
  })

  test("a timer that is set for a moment of its own leaves those beside it", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const bodies: Array<string> = []
    const consumption = await broker.consume(lane, (call) => {
      bodies.push(text(call.body)!)
      call.ack()
    })
    consumption.pull(10)
    const now = broker.now()
    for (const moment of ["1", "2", "3"]) {
      const fire = { time: now + Number(moment) * 400, target: callIn(broker, lane, run, moment) }
      const subject = subjectIn(broker, "s", run, "collect", moment)
      await broker.publish({ subject, body: bytes(moment), fire })
      await broker.publish({ subject, body: bytes(moment), fire })
    }
    expect(await broker.count(subjectIn(broker, "s", run, "collect", "*"))).toBe(3)
    await wait(1_200)
    await eventually(() => bodies.length, 3)
    expect(bodies).toEqual(["1", "2", "3"])
    await consumption.stop()
  })

  test("a removed timer does not fire", async () => {
    const { broker, wait } = here()
    const [lane, run] = [newLane(), newRun()]
    const [removed, kept] = [subjectIn(broker, "s", run, "1"), subjectIn(broker, "s", run, "2")]
    const taken = await take(broker, lane, 2)
    const now = broker.now()
    const fire = (node: string, after: number): { time: number; target: string } => ({
      time: now + after,
      target: callIn(broker, lane, run, node)
    })
    await broker.publish({ subject: removed, body: bytes("removed"), fire: fire("1", 1_000) })
    await broker.publish({ subject: kept, body: bytes("kept"), fire: fire("2", 1_500) })
    await broker.purge(removed)
    await wait(1_500)
    await taken.arrived(1)
    expect(text(taken.calls[0]!.body)).toBe("kept")
    taken.calls[0]!.ack()
    await taken.consumption.stop()
  })
}
