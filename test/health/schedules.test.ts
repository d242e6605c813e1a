/** Schedules that are not started in time, and such that cannot be started, are a problem of whoever can see it, until they are. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { BrokerError, task } from "arpeggio"
import type { Broker } from "arpeggio/testing"
import { minute, one, scene, second } from "../worker/unserved-scene.ts"
import { appears, goes } from "./appears.ts"

const note = task("note", { input: [], output: Schema.Void }, () => {})

test("schedules are not started in time", async () => {
  const { app, server, work, pass } = await scene()
  const made = await app.schedule("nightly", note(), { every: "1 minute" })
  await pass(minute + 10 * second)
  expect((await app.health()).problems).toEqual([])
  await pass(10 * second)
  // Nobody is there.
  expect((await app.health()).problems).toEqual([
    'schedules are not started in time: schedule "nightly", due for 20 seconds. No worker of this namespace is there: start one. What is missed meanwhile is made good as misfire says.'
  ])
  // One that does nothing of what it takes: its process stands still.
  let stands = true
  const broker = server.connect({ name: "still" })
  const still: Broker = {
    ...broker,
    consume: (lane, deliver, spare) =>
      broker.consume(
        lane,
        (delivery) => {
          if (!stands) deliver(delivery)
          else held.push(() => deliver(delivery))
        },
        spare
      )
  }
  const held: Array<() => void> = []
  const worker = await work([note], {}, still)
  await pass(minute)
  expect(await appears(app, "schedules are not started in time")).toContain(
    "Workers are there and do not get to it"
  )
  await appears(worker, "schedules are not started in time")
  stands = false
  for (const go of held.splice(0)) go()
  await pass(minute)
  await goes(app, "schedules are not started in time")
  await goes(worker, "schedules are not started in time")
  expect((await made.info()).overdue).toBeUndefined()
})

test("a schedule cannot be started", async () => {
  const { app, server, work, pass } = await scene()
  let broken = true
  const broker = server.connect()
  const failing: Broker = {
    ...broker,
    publish: async (publication, ...more) => {
      if (broken && publication.subject.startsWith("memory.t.default.")) {
        throw new BrokerError({ reason: "Refused", message: "this user may not" })
      }
      return broker.publish(publication, ...more)
    }
  }
  const worker = await work([one], {}, failing)
  await app.schedule("nightly", one(), { every: "10 minutes" })
  await pass(10 * minute + 3 * second)
  // The first time may be a moment's trouble.
  expect((await worker.health()).problems).toEqual([])
  await pass(5 * minute)
  expect(await appears(worker, 'schedule "nightly" cannot be started')).toMatch(
    /^schedule "nightly" cannot be started, for 5 minutes: this user may not\. It is tried again each minute, and goes on by itself when it can be; what is missed meanwhile is made good as misfire says\. Mend what the error names, or declare the schedule again\.$/
  )
  expect((await app.health()).problems).toEqual([])
  broken = false
  await pass(2 * minute)
  await goes(worker, "cannot be started")
  expect((await worker.health()).problems).toEqual([])
})
