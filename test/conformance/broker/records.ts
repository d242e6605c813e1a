/** One record: storing it, the conditions of a write, and forgetting it. */
import { expect, test } from "vitest"
import {
  bytes,
  callIn,
  eventually,
  newLane,
  newRun,
  subjectIn,
  text,
  unique,
  type Place
} from "./place.ts"

export const recordTests = (here: () => Place): void => {
  test("a stored record is read with its body and the time of its storing", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "i", newRun(), "1")
    const before = broker.now()
    expect(await broker.publish({ subject, body: bytes("one") })).toEqual({
      stored: true,
      duplicate: false
    })
    const stored = await broker.read(subject)
    expect([stored?.subject, text(stored?.body)]).toEqual([subject, "one"])
    // The offset to the broker's clock is measured, not known.
    expect(Math.abs(stored!.at - before)).toBeLessThan(10_000)
  })

  test("nothing is read where nothing was stored", async () => {
    const { broker } = here()
    expect(await broker.read(subjectIn(broker, "i", newRun(), "1"))).toBeUndefined()
  })

  test("an empty body is a record too", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "k", newRun())
    await broker.publish({ subject, body: new Uint8Array() })
    expect((await broker.read(subject))?.body.byteLength).toBe(0)
  })

  test("the last of several records on a subject is read", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "a", newRun(), "1")
    await broker.publish({ subject, body: bytes("first") })
    await broker.publish({ subject, body: bytes("second") })
    expect(text((await broker.read(subject))?.body)).toBe("second")
  })

  test("bytes are copied: neither the writer nor a reader changes a record", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "i", newRun(), "1")
    const body = bytes("kept")
    await broker.publish({ subject, body })
    body.fill(0)
    const read = await broker.read(subject)
    read?.body.fill(0)
    expect(text((await broker.read(subject))?.body)).toBe("kept")
  })

  test("a record that replaces is stored only behind the one that was read, and is alone on its subject", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "k", newRun())
    const write = (body: string, sequence: number) =>
      broker.publish({ subject, body: bytes(body), given: { subject, sequence }, replaces: true })
    expect(await write("first", 0)).toEqual({ stored: true, duplicate: false })
    expect(await write("late", 0)).toEqual({ stored: false })
    const { sequence } = (await broker.read(subject))!
    expect(await write("second", sequence)).toEqual({ stored: true, duplicate: false })
    expect(await write("late", sequence)).toEqual({ stored: false })
    expect(text((await broker.read(subject))?.body)).toBe("second")
    expect((await broker.page(subject, 10)).records.map(({ body }) => text(body))).toEqual([
      "second"
    ])
    await broker.purge(subject)
    expect(await write("third", sequence)).toEqual({ stored: false })
    expect(await write("third", 0)).toEqual({ stored: true, duplicate: false })
  })

  test("of many writers that have read the same record exactly one replaces it", async () => {
    const { broker, second } = here()
    const other = await second()
    const subject = subjectIn(broker, "k", newRun())
    await broker.publish({ subject, body: bytes("first") })
    const { sequence } = (await broker.read(subject))!
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, place) =>
        (place % 2 === 0 ? broker : other).publish({
          subject,
          body: bytes(`writer ${place}`),
          given: { subject, sequence },
          replaces: true
        })
      )
    )
    expect(answers.filter(({ stored }) => stored)).toHaveLength(1)
    await other.close()
  })

  test("a call is stored only while another record is the one that was read", async () => {
    const { broker } = here()
    const [run, lane] = [newRun(), newLane()]
    const subject = subjectIn(broker, "k", run)
    await broker.publish({ subject, body: bytes("one") })
    const { sequence } = (await broker.read(subject))!
    const start = (step: string, sequence: number) =>
      broker.publish({
        subject: callIn(broker, lane, run, step),
        body: bytes(step),
        given: { subject, sequence }
      })
    expect(await start("1", sequence)).toEqual({ stored: true, duplicate: false })
    await broker.publish({ subject, body: bytes("two"), replaces: true })
    expect(await start("2", sequence)).toEqual({ stored: false })
    await broker.purge(subject)
    expect(await start("3", sequence)).toEqual({ stored: false })
  })

  test("of many writers that demand an empty subject exactly one is stored", async () => {
    const { broker, second } = here()
    const other = await second()
    const subject = subjectIn(broker, "i", newRun(), "1")
    const writers = Array.from({ length: 20 }, (_, place) => ({
      from: place % 2 === 0 ? broker : other,
      body: `writer ${place}`
    }))
    const answers = await Promise.all(
      writers.map(({ from, body }) => from.publish({ subject, body: bytes(body), unless: subject }))
    )
    const winners = writers.filter((_, place) => answers[place]!.stored)
    expect(winners).toHaveLength(1)
    expect(text((await other.read(subject))?.body)).toBe(winners[0]!.body)
    await other.close()
  })

  test("a record on another subject stops a write", async () => {
    const { broker } = here()
    const run = newRun()
    const scope = subjectIn(broker, "i", run, "scope")
    const follower = subjectIn(broker, "i", run, "follower")
    const publication = { subject: follower, body: bytes("go"), unless: scope }
    expect(await broker.publish(publication)).toEqual({ stored: true, duplicate: false })
    await broker.publish({ subject: scope, body: bytes("closed") })
    const late = subjectIn(broker, "i", run, "late")
    expect(await broker.publish({ ...publication, subject: late })).toEqual({ stored: false })
    expect(await broker.read(late)).toBeUndefined()
  })

  test("a second publication with the same id is dropped", async () => {
    const { broker, second } = here()
    const other = await second()
    const run = newRun()
    const id = unique()
    const subject = subjectIn(broker, "i", run, "1")
    await broker.publish({ subject, body: bytes("first"), id })
    expect(await other.publish({ subject, body: bytes("second"), id })).toEqual({
      stored: true,
      duplicate: true
    })
    expect(text((await broker.read(subject))?.body)).toBe("first")
    await other.close()
  })

  test("a repeated write with an id and a condition says in one way or the other that it is there", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "i", newRun(), "1")
    const publication = { subject, body: bytes("once"), id: unique(), unless: subject }
    await broker.publish(publication)
    const again = await broker.publish(publication)
    // A single server looks at the condition first, a cluster at the id.
    expect([{ stored: false }, { stored: true, duplicate: true }]).toContainEqual(again)
  })

  test("a refused write does not use up its id", async () => {
    const { broker } = here()
    const subject = subjectIn(broker, "i", newRun(), "1")
    const id = unique()
    await broker.publish({ subject, body: bytes("there") })
    expect(await broker.publish({ subject, body: bytes("refused"), id, unless: subject })).toEqual({
      stored: false
    })
    expect(await broker.publish({ subject, body: bytes("stored"), id })).toEqual({
      stored: true,
      duplicate: false
    })
  })

  test("a record with a time to live is forgotten, and its subject is free again", async () => {
    const { broker, wait } = here()
    const run = newRun()
    const subject = subjectIn(broker, "r", run)
    const lasting = subjectIn(broker, "i", run, "1")
    await broker.publish({ subject, body: bytes("short"), ttl: 1_000 })
    await broker.publish({ subject: lasting, body: bytes("long") })
    expect(text((await broker.read(subject))?.body)).toBe("short")
    await wait(1_000)
    await eventually(async () => text((await broker.read(subject))?.body), undefined)
    expect(await broker.publish({ subject, body: bytes("new"), unless: subject })).toMatchObject({
      stored: true
    })
    expect(text((await broker.read(lasting))?.body)).toBe("long")
  })

  test("the largest record is stored, one that is clearly larger is refused", async () => {
    const { broker } = here()
    const run = newRun()
    const subject = subjectIn(broker, "v", run, "1")
    const larger = subjectIn(broker, "v", run, "2")
    const { maxBytes } = broker.facts
    expect(await broker.publish({ subject, body: new Uint8Array(maxBytes) })).toMatchObject({
      stored: true
    })
    const body = new Uint8Array(maxBytes + 65_536)
    await expect(broker.publish({ subject: larger, body })).rejects.toMatchObject({
      _tag: "BrokerError",
      reason: "TooLarge"
    })
    expect((await broker.read(subject))?.body.byteLength).toBe(maxBytes)
    expect(await broker.read(larger)).toBeUndefined()
  })

  test("a closed connection says so, and that it has ended", async () => {
    const { broker, second } = here()
    const other = await second()
    const subject = subjectIn(broker, "i", newRun(), "1")
    await other.close()
    expect(await other.ended).toBeUndefined()
    await expect(other.publish({ subject, body: bytes("late") })).rejects.toMatchObject({
      _tag: "BrokerError",
      reason: "Closed"
    })
  })
}
