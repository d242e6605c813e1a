/** Many records at once: reading, counting and removing by filter. */
import { expect, test } from "vitest"
import { runFilter, type RunAddress } from "../../../src/encode/subjects.ts"
import type { Broker } from "../../../src/broker/broker.ts"
import { bytes, newLane, newRun, publishCalls, subjectIn, text, type Place } from "./place.ts"

const members = async (
  broker: Broker,
  run: RunAddress,
  node: string,
  amount: number
): Promise<void> => {
  const publish = (_: unknown, place: number): Promise<unknown> => {
    const subject = subjectIn(broker, "i", run, node, String(place))
    return broker.publish({ subject, body: bytes(`${node} ${place}`), unless: subject })
  }
  await Promise.all(Array.from({ length: amount }, publish))
}

export const scopeTests = (here: () => Place): void => {
  test("a filter that matches nothing gives nothing", async () => {
    const { broker } = here()
    const filter = runFilter(broker.facts.namespace, "i", newRun())
    expect(await broker.readAll(filter)).toEqual([])
    expect(await broker.count(filter)).toBe(0)
    await broker.purge(filter)
  })

  test("one scope, one kind and one run are told apart", async () => {
    const { broker } = here()
    const { namespace } = broker.facts
    const run = newRun()
    const neighbour = { ...run, run: newRun().run }
    await members(broker, run, "A", 3)
    await members(broker, run, "B", 2)
    await members(broker, neighbour, "A", 4)
    await broker.publish({ subject: subjectIn(broker, "a", run, "A", "0"), body: bytes("attempt") })
    expect(await broker.count(subjectIn(broker, "i", run, "A", "*"))).toBe(3)
    expect(await broker.count(subjectIn(broker, "i", run, "*", "1"))).toBe(2)
    expect(await broker.count(runFilter(namespace, "i", run))).toBe(5)
    expect(await broker.count(`${namespace}.i.*.*.*.${run.owner}.${run.instance}.>`)).toBe(9)
    expect(await broker.count(`${namespace}.*.*.*.*.*.*.${run.run}.*.*`)).toBe(6)
    expect(await broker.count(subjectIn(broker, "i", run, "A", "0"))).toBe(1)
  })

  test("reading a scope gives the last record of each subject", async () => {
    const { broker } = here()
    const run = newRun()
    await members(broker, run, "A", 3)
    await broker.publish({ subject: subjectIn(broker, "i", run, "A", "1"), body: bytes("newer") })
    const read = await broker.readAll(subjectIn(broker, "i", run, "A", "*"))
    expect(read.map(({ body }) => text(body)).toSorted()).toEqual(["A 0", "A 2", "newer"])
    expect(read.map(({ subject }) => subject).toSorted()).toEqual(
      ["0", "1", "2"].map((index) => subjectIn(broker, "i", run, "A", index))
    )
    expect(await broker.count(subjectIn(broker, "i", run, "A", "*"))).toBe(3)
  })

  test("1,500 members are stored, counted, read and removed", async () => {
    const { broker } = here()
    const run = newRun()
    const filter = subjectIn(broker, "i", run, "A", "*")
    await members(broker, run, "A", 1_500)
    expect(await broker.count(filter)).toBe(1_500)
    const read = await broker.readAll(filter)
    expect(new Set(read.map(({ body }) => text(body))).size).toBe(1_500)
    await broker.purge(filter)
    expect(await broker.count(filter)).toBe(0)
    expect(await broker.readAll(filter)).toEqual([])
  })

  test("removing takes what matches, calls too, and leaves the rest", async () => {
    const { broker } = here()
    const { namespace } = broker.facts
    const run = newRun()
    await members(broker, run, "A", 2)
    await members(broker, run, "B", 2)
    await publishCalls(broker, newLane(), 2, run)
    await broker.purge(subjectIn(broker, "i", run, "A", "*"))
    expect(await broker.count(runFilter(namespace, "i", run))).toBe(2)
    expect(await broker.count(runFilter(namespace, "t", run))).toBe(2)
    await broker.purge(`${namespace}.*.*.*.*.${run.owner}.${run.instance}.${run.run}.*.*`)
    expect(await broker.count(runFilter(namespace, "i", run))).toBe(0)
    expect(await broker.count(runFilter(namespace, "t", run))).toBe(0)
  })
}
