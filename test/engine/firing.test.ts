/** Timers that fire at the very moment at which something else of their run is set: what they carry stays, and there are never many. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { onFailure } from "../../src/compose/hook.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { addressOf } from "../../src/encode/subjects.ts"
import { Records } from "../../src/engine/records.ts"
import { intervals } from "../../src/engine/run/run-timers.ts"
import { findStart } from "../../src/engine/run/first-message-record.ts"
import type { Fault } from "../../src/testing/memory/fault.ts"
import { alarmed, canvasTasks, identity, record, same } from "../fixtures/tasks.ts"
import { minute, scene } from "../dead/memory.ts"
import { late } from "../dead/tasks.ts"

const large = "x".repeat(140_000)

/** Of workers that leave what waits in other queues to those that come later. */
const leaving = { patience: "2 hours" } as const

const isTimer = (subject: string): boolean => /\.s\..*\.collect\./.test(subject)

/** What is stored ahead of its start, and begins in a queue of its own. */
const workflows = {
  "a large argument": chain(same(large).with({ queue: "slow" }), late(), record()),
  "a callback around it": onFailure(
    chain(identity(1).with({ queue: "slow" }), late(), record()),
    alarmed()
  )
}

/** When the first step begins: right when the timer of what was stored ahead is due, or somewhere in between. */
const moments = [intervals.collect - 1, intervals.collect, 2 * intervals.collect - 1, 40_000]

for (const [form, workflow] of Object.entries(workflows)) {
  for (const fault of ["fired", "firing"] as const) {
    for (const moment of moments) {
      test(`the start of a run is kept: ${form}, ${fault} after ${moment} ms`, async () => {
        const { server, app, work, pass, left } = await scene()
        const ignorant = await work(canvasTasks, leaving)
        const run = await app.start(workflow as never)
        await pass(moment)
        server.onCall = ({ verb, subject }): Fault | undefined => {
          if (verb !== "publish" || !isTimer(subject)) return undefined
          server.onCall = undefined
          return fault
        }
        const slow = await work(canvasTasks, { queues: ["slow"] })
        await pass(5_000)
        server.onCall = undefined
        await pass(5 * minute)
        expect(await run.outcome()).toMatchObject({ _tag: "Crashed" })
        const records = new Records(server.connect({ name: "looker" }))
        expect(await findStart(records, addressOf(run.id)!)).toBeDefined()
        await ignorant.drain()
        await slow.drain()
        await work([...canvasTasks, late], { queues: ["default", "slow"] })
        const [letter] = (await app.deadLetters.list()).letters
        await app.deadLetters.redrive(letter!.id)
        await pass(15 * minute)
        expect((await app.deadLetters.list()).letters).toEqual([])
        expect(left()).toEqual([])
      })
    }
  }
}

/** How many timers that look after one run stand at a time, at most. */
const mostTimers = async (
  workflow: object,
  faultAt: (look: number) => Fault | undefined
): Promise<number> => {
  const { server, app, work, pass, left } = await scene()
  await work(canvasTasks, leaving)
  await work(canvasTasks, leaving)
  await app.start(workflow as never)
  let most = 0
  const looks = new Map<string, number>()
  server.onCall = ({ verb, subject }) => {
    const timers = server.records("memory.s.>").filter((timer) => isTimer(timer.subject))
    most = Math.max(most, timers.length)
    if (!subject.includes(".collect.") || (verb !== "ack" && verb !== "publish")) return undefined
    const count = (looks.get(verb) ?? 0) + 1
    looks.set(verb, count)
    return faultAt(count)
  }
  await pass(40 * minute)
  server.onCall = undefined
  await work(canvasTasks, { queues: ["slow"] })
  await pass(20 * minute)
  expect(left()).toEqual([])
  return most
}

const waiting = {
  "in its first queue": chain(same(large).with({ queue: "slow" }), ignoreInput(identity(3))),
  "in its second": chain(identity(1), ignoreInput(same(large).with({ queue: "slow" })))
}

const breeding: ReadonlyArray<[string, (look: number) => Fault | undefined]> = [
  ["undisturbed", () => undefined],
  ["every other ack and answer is lost", (look) => (look % 2 === 0 ? "unanswered" : undefined)],
  ["two of three are lost", (look) => (look % 3 > 0 ? "lost" : undefined)],
  ["everything happens twice", () => "duplicate"],
  ["timers fire as they are set", (look) => (look % 2 === 0 ? "firing" : "fired")]
]

for (const [place, workflow] of Object.entries(waiting)) {
  for (const [how, faultAt] of breeding) {
    test(`a run that waits ${place} never has many timers: ${how}`, async () => {
      expect(await mostTimers(workflow, faultAt)).toBeLessThanOrEqual(3)
    })
  }
}
