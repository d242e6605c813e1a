/** Several records stored whole or not at all, and removing what is not newer than one that was read. */
import { expect, test } from "vitest"
import type { Publication } from "../../../src/broker/broker.ts"
import { bytes, callIn, newLane, newRun, subjectIn, take, text, type Place } from "./place.ts"

export const batchTests = (here: () => Place): void => {
  const pair = (key: string, follower: string, fence: string, body = "it"): Array<Publication> => [
    { subject: key, unless: key, body: bytes(body) },
    { subject: follower, unless: fence, body: bytes("follower") }
  ]

  test("all are stored, and a call among them is handed out", async () => {
    const { broker } = here()
    const run = newRun()
    const lane = newLane()
    const key = subjectIn(broker, "k", run)
    const call = callIn(broker, lane, run, "1")
    const taken = await take(broker, lane, 1)
    expect(await broker.publishTogether(pair(key, call, subjectIn(broker, "r", run)))).toEqual({
      stored: true,
      duplicate: false
    })
    await taken.arrived(1)
    expect(text((await broker.read(key))?.body)).toBe("it")
    expect(taken.calls[0]!.subject).toBe(call)
    await taken.consumption.stop()
  })

  test("none is stored when the condition of one does not hold", async () => {
    const { broker } = here()
    const run = newRun()
    const [key, fence, one, two] = ["key", "fence", "one", "two"].map((node) =>
      subjectIn(broker, "i", run, node)
    ) as [string, string, string, string]
    await broker.publish({ subject: fence, body: bytes("closed") })
    expect(await broker.publishTogether(pair(key, one, fence))).toEqual({ stored: false })
    expect([await broker.read(key), await broker.read(one)]).toEqual([undefined, undefined])
    await broker.publish({ subject: key, body: bytes("taken") })
    expect(await broker.publishTogether(pair(key, two, two))).toEqual({ stored: false })
    expect(await broker.read(two)).toBeUndefined()
  })

  test("of many that want the same key exactly one is stored, with what belongs to it", async () => {
    const { broker, second } = here()
    const other = await second()
    const run = newRun()
    const key = subjectIn(broker, "k", run)
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => {
        const follower = subjectIn(broker, "i", run, String(at))
        const from = at % 2 === 0 ? broker : other
        return from.publishTogether(pair(key, follower, follower, String(at)))
      })
    )
    const winners = answers.flatMap(({ stored }, at) => (stored ? [String(at)] : []))
    expect(winners).toHaveLength(1)
    expect(text((await broker.read(key))?.body)).toBe(winners[0])
    const followers = await broker.readAll(subjectIn(broker, "i", run, "*"))
    expect(followers.map(({ subject }) => subject)).toEqual([
      subjectIn(broker, "i", run, winners[0])
    ])
    await other.close()
  })

  test("a record with a time to live keeps it", async () => {
    const { broker, wait } = here()
    const run = newRun()
    const short = subjectIn(broker, "r", run)
    const lasting = subjectIn(broker, "i", run, "1")
    await broker.publishTogether([
      { subject: short, unless: short, ttl: 1_000, body: bytes("short") },
      { subject: lasting, body: bytes("long") }
    ])
    await wait(1_000)
    await expect.poll(() => broker.read(short), { timeout: 10_000 }).toBeUndefined()
    expect(text((await broker.read(lasting))?.body)).toBe("long")
  })

  test("removing up to a record that was read leaves what came after it", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "k", newRun())
    await broker.publish({ subject, body: bytes("old") })
    const old = await broker.read(subject)
    await broker.publish({ subject, body: bytes("new") })
    expect((await broker.read(subject))!.sequence).toBeGreaterThan(old!.sequence)
    await broker.purge(subject, old!.sequence)
    expect(text((await broker.read(subject))?.body)).toBe("new")
    await broker.purge(subject, (await broker.read(subject))!.sequence)
    expect(await broker.read(subject)).toBeUndefined()
  })
}
