/** Acks and counts that are lost: the redelivery finds what was done, and does only what was not. */
import { describe, expect, test } from "vitest"
import { chainOf } from "../../src/compose/chain.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { canvasTasks } from "../fixtures/tasks.ts"
import { gate, stubborn } from "./gate.ts"
import { play } from "./play.ts"
import { plays, playTasks } from "./plays.ts"

const forms = [
  "a chain",
  "a chord",
  "a nested chord",
  "a map with lanes",
  "a task replaced in a chain"
]

const middles = [...forms, "a map", "a group recovered", "tasks replaced in a chord"]

describe("an ack lost before the run ends", () => {
  for (const form of forms) {
    test(`executes nothing again: ${form}`, async () => {
      const workflow = plays[form]!
      let acks = 0
      const lose = (which: number) =>
        play({
          workflow,
          tasks: playTasks,
          faultAt: ({ verb }) => (verb === "ack" && ++acks === which ? "lost" : undefined)
        })
      const undisturbed = await lose(0)
      const all = acks
      for (let which = 1; which <= all; which++) {
        acks = 0
        const { outcome, stable, executions, left, story } = await lose(which)
        expect(outcome, story).toBe(undisturbed.outcome)
        expect(stable, story).toBe(true)
        expect(executions.length, story).toBe(undisturbed.executions.length)
        expect(left, story).toEqual([])
      }
    })
  }

  test("all acks of a run at once", async () => {
    for (const form of forms) {
      const workflow = plays[form]!
      const undisturbed = await play({ workflow, tasks: playTasks })
      let acks = 0
      const { outcome, executions, left, story } = await play({
        workflow,
        tasks: playTasks,
        faultAt: ({ verb }) => (verb === "ack" && ++acks <= 12 ? "lost" : undefined)
      })
      expect(outcome, story).toBe(undisturbed.outcome)
      expect(executions.length, story).toBe(undisturbed.executions.length)
      expect(left, story).toEqual([])
    }
  })
})

/** Redelivered while the run goes on, when its end does not yet say that there is nothing to do. */
describe("an ack lost in the middle of a run", () => {
  for (const [at, form] of middles.entries()) {
    test(`executes nothing again: ${form}`, async () => {
      const server = memoryServer({ clock: "manual" })
      const tasks = [...canvasTasks, stubborn] as const
      await workerOver(server.connect(), tasks, { maxCrashes: 100 })
      await workerOver(server.connect(), tasks, { maxCrashes: 100 })
      const app = await clientOver(server.connect())
      server.onCall = ({ verb }) => (verb === "ack" ? "lost" : undefined)
      const number = 200 + at
      const last = chainOf([plays[form]!, ignoreInput(stubborn(number))])
      const run = await app.start(last as Workflow<void, number>)
      await gate(number).reached
      await server.settled()
      const before = executionsOf(run.id).length
      for (let leases = 0; leases < 4; leases++) {
        server.clock.advance(30_000)
        await server.settled()
        if (leases === 1) server.onCall = undefined
      }
      gate(number).open()
      await server.settled()
      expect(await app.attach(run.id, last as Workflow<void, number>).result()).toBe(number)
      const executions = executionsOf(run.id)
      const others = executions.filter(({ task }) => task !== "engine.stubborn")
      expect(others).toHaveLength(before - 1)
      expect(new Set(executions.map(({ step }) => step)).size).toBe(before)
    })
  }
})

describe("all members done, and nobody hears the count", () => {
  for (const verb of ["count", "readAll"]) {
    for (const form of ["a chord", "a nested chord", "a map", "tasks replaced in a chord"]) {
      test(`${form}: no answer to ${verb}`, async () => {
        const workflow = plays[form]!
        const undisturbed = await play({ workflow, tasks: playTasks })
        let counts = 0
        const { outcome, executions, left, story } = await play({
          workflow,
          tasks: playTasks,
          faultAt: (call) => (call.verb === verb && ++counts <= 8 ? "unanswered" : undefined)
        })
        expect(counts).toBeGreaterThan(1)
        expect(outcome, story).toBe(undisturbed.outcome)
        expect(executions.length, story).toBe(undisturbed.executions.length)
        const bodies = executions.filter(({ task }) => task === "canvas.record")
        expect(new Set(bodies.map(({ step }) => step)).size, story).toBeLessThan(2)
        expect(left, story).toEqual([])
      })
    }
  }
})
