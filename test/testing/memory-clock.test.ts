/** The memory broker's time: what falls due, in which order, and what is forgotten. */
import { expect, test } from "vitest"
import { runFilter } from "../../src/encode/subjects.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import {
  bytes,
  callIn,
  eventually,
  newLane,
  newRun,
  subjectIn,
  take,
  text
} from "../conformance/broker/place.ts"

test.each([Number.NaN, Infinity, -1, "60000"])("a clock is not moved by %s", (milliseconds) => {
  const { clock } = memoryServer({ clock: "manual" })
  const before = clock.now()
  expect(() => clock.advance(milliseconds as never)).toThrow(/clock.advance takes a number/)
  expect(clock.now()).toBe(before)
})

test("a clock that is set back says what it takes, and asks for no unit", () => {
  const { clock } = memoryServer({ clock: "manual" })
  expect(() => clock.advance(-5)).toThrow(
    /^clock.advance takes a number of milliseconds of at least 0, not -5$/
  )
})

test("a manual clock stands still until it is moved", async () => {
  const { clock } = memoryServer({ clock: "manual" })
  const before = clock.now()
  await new Promise((resolve) => setTimeout(resolve, 2))
  expect(clock.now()).toBe(before)
  clock.advance(5)
  expect(clock.now()).toBe(before + 5)
})

test("advance lets everything happen in the order of its time, at its time", async () => {
  const server = memoryServer({ clock: "manual" })
  const broker = server.connect()
  const [lane, run] = [newLane(), newRun()]
  const start = broker.now()
  for (const after of [300, 100, 200]) {
    await broker.publish({
      subject: subjectIn(broker, "s", run, String(after)),
      body: bytes(String(after)),
      fire: { time: start + after, target: callIn(broker, lane, run, String(after)) }
    })
  }
  server.clock.advance(1_000)
  const fired = server.records(runFilter("memory", "t", run))
  expect(fired.map(({ body, at }) => [text(body), at - start])).toEqual([
    ["100", 100],
    ["200", 200],
    ["300", 300]
  ])
  expect(broker.now()).toBe(start + 1_000)
})

test("a lease runs out several times in one advance, when somebody takes the call", async () => {
  const server = memoryServer({ clock: "manual", lease: 1_000 })
  const broker = server.connect()
  const lane = newLane()
  const taken = await take(broker, lane, 10)
  await broker.publish({ subject: callIn(broker, lane, newRun(), "1"), body: bytes("call") })
  await taken.arrived(1)
  server.clock.advance(3_500)
  await taken.arrived(4)
  expect(taken.calls.map(({ deliveries }) => deliveries)).toEqual([1, 2, 3, 4])
})

test("an id is forgotten after the duplicate window", async () => {
  const server = memoryServer({ clock: "manual", duplicateWindow: 20_000 })
  const broker = server.connect()
  const publication = { subject: subjectIn(broker, "i", newRun()), body: bytes("x"), id: "id" }
  await broker.publish(publication)
  server.clock.advance(19_999)
  expect(await broker.publish(publication)).toEqual({ stored: true, duplicate: true })
  server.clock.advance(1)
  expect(await broker.publish(publication)).toEqual({ stored: true, duplicate: false })
})

test("a real clock runs by itself, and can be moved on besides", async () => {
  const server = memoryServer()
  const broker = server.connect()
  const [lane, run] = [newLane(), newRun()]
  const taken = await take(broker, lane, 2)
  const publish = (node: string, after: number): Promise<unknown> =>
    broker.publish({
      subject: subjectIn(broker, "s", run, node),
      body: bytes(node),
      fire: { time: broker.now() + after, target: callIn(broker, lane, run, node) }
    })
  await publish("soon", 20)
  await publish("tomorrow", 86_400_000)
  await taken.arrived(1)
  expect(text(taken.calls[0]!.body)).toBe("soon")
  server.clock.advance(86_400_000)
  await taken.arrived(2)
  expect(Math.abs(server.clock.now() - Date.now() - 86_400_000)).toBeLessThan(1_000)
})

test("a body may be changed as soon as it was handed over", async () => {
  const server = memoryServer()
  const broker = server.connect()
  const subject = subjectIn(broker, "i", newRun(), "1")
  const body = bytes("kept")
  const stored = broker.publish({ subject, body })
  body.fill(0)
  await stored
  server.records()[0]!.body.fill(0)
  expect(text((await broker.read(subject))?.body)).toBe("kept")
})

test("a subject outside the namespace is refused, and so is a wildcard", async () => {
  const server = memoryServer({ namespace: "mine" })
  const broker = server.connect()
  const subject = subjectIn(broker, "i", newRun(), "1")
  for (const wrong of [
    subject.replace("mine", "other"),
    `${subject}.more`,
    `${subject.slice(0, -1)}*`
  ]) {
    await expect(broker.publish({ subject: wrong, body: bytes("x") })).rejects.toMatchObject({
      reason: "Refused"
    })
  }
  expect(server.records()).toEqual([])
})

test("10,000 members are stored and counted without looking at other runs", async () => {
  const server = memoryServer()
  const broker = server.connect()
  const [run, other] = [newRun(), newRun()]
  const member = (run: ReturnType<typeof newRun>) => (_: unknown, place: number) =>
    broker.publish({ subject: subjectIn(broker, "i", run, "A", String(place)), body: bytes("x") })
  await Promise.all([
    ...Array.from({ length: 10_000 }, member(run)),
    ...Array.from({ length: 10_000 }, member(other))
  ])
  const counts = Array.from({ length: 100 }, () =>
    broker.count(subjectIn(broker, "i", run, "A", "*"))
  )
  expect(new Set(await Promise.all(counts))).toEqual(new Set([10_000]))
  await eventually(() => broker.count("memory.>"), 20_000)
})
