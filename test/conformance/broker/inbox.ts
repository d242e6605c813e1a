/** What is told at most once: outcomes on inboxes, announcements. */
import { expect, test } from "vitest"
import { bytes, eventually, newRun, subjectIn, text, unique, type Place } from "./place.ts"

export const inboxTests = (here: () => Place): void => {
  test("the outcome of a run arrives where it is awaited, and is stored", async () => {
    const { broker, second } = here()
    const other = await second()
    const run = newRun()
    const heard: Array<string | undefined> = []
    const subscription = await other.replies(run.owner, run.instance, run.run, (body) =>
      heard.push(text(body))
    )
    const neighbour = { ...run, run: newRun().run }
    await broker.publish({ subject: subjectIn(broker, "r", neighbour), body: bytes("neighbour") })
    await broker.publish({ subject: subjectIn(broker, "i", run, "1"), body: bytes("inner") })
    await broker.publish({ subject: subjectIn(broker, "r", run), body: bytes("outcome") })
    await eventually(() => heard, ["outcome"])
    expect(text((await other.read(subjectIn(broker, "r", run)))?.body)).toBe("outcome")
    subscription.stop()
    await other.close()
  })

  test("one subscription hears all runs of an instance, and nobody else's", async () => {
    const { broker } = here()
    const run = newRun()
    const sibling = { ...run, run: newRun().run }
    const foreign = { ...run, owner: "foreign" }
    const stranger = { ...run, instance: newRun().instance }
    const heard: Array<string | undefined> = []
    const subscription = await broker.replies(run.owner, run.instance, undefined, (body) =>
      heard.push(text(body))
    )
    for (const [name, address] of Object.entries({ foreign, stranger, run, sibling })) {
      await broker.publish({ subject: subjectIn(broker, "r", address), body: bytes(name) })
    }
    await eventually(() => heard.toSorted(), ["run", "sibling"])
    subscription.stop()
  })

  test("a refused outcome is told to nobody", async () => {
    const { broker } = here()
    const [run, later] = [newRun(), newRun()]
    const address = { ...later, instance: run.instance }
    const heard: Array<string | undefined> = []
    const subscription = await broker.replies(run.owner, run.instance, undefined, (body) =>
      heard.push(text(body))
    )
    const subject = subjectIn(broker, "r", run)
    await broker.publish({ subject, body: bytes("winner"), unless: subject })
    await broker.publish({ subject, body: bytes("loser"), unless: subject })
    await broker.publish({ subject: subjectIn(broker, "r", address), body: bytes("last") })
    await eventually(() => heard, ["winner", "last"])
    subscription.stop()
  })

  test("an announcement reaches every process that listens, until it stops", async () => {
    const { broker, second } = here()
    const [one, two] = [await second(), await second()]
    const topic = `topic-${unique()}`
    const heard: { one: Array<string | undefined>; two: Array<string | undefined> } = {
      one: [],
      two: []
    }
    const first = await one.listen(topic, (body) => heard.one.push(text(body)))
    await two.listen(topic, (body) => heard.two.push(text(body)))
    broker.announce(`${topic}-other`, bytes("elsewhere"))
    broker.announce(topic, bytes("hello"))
    await eventually(() => heard, { one: ["hello"], two: ["hello"] })
    first.stop()
    // Answered by the server after it has heard that the first one left.
    await one.count(subjectIn(broker, "i", newRun()))
    broker.announce(topic, bytes("bye"))
    await eventually(() => heard.two, ["hello", "bye"])
    expect(heard.one).toEqual(["hello"])
    await Promise.all([one.close(), two.close()])
  })
}
