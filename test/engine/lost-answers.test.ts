/** Acks and counts that are lost: the redelivery finds what was done, and does only what was not. */
import { describe, expect, test } from "vitest"
import { play } from "./play.ts"
import { plays, playTasks } from "./plays.ts"

const forms = [
  "a chain",
  "a chord",
  "a nested chord",
  "a map with lanes",
  "a task replaced in a chain"
]

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

describe("all members done, and nobody hears the count", () => {
  for (const fault of ["lost", "unanswered"] as const) {
    for (const form of ["a chord", "a nested chord", "a map", "tasks replaced in a chord"]) {
      test(`${form}: the answer is ${fault}`, async () => {
        const workflow = plays[form]!
        const undisturbed = await play({ workflow, tasks: playTasks })
        let counts = 0
        const { outcome, executions, left, story } = await play({
          workflow,
          tasks: playTasks,
          faultAt: ({ verb }) => (verb === "count" && ++counts <= 8 ? fault : undefined)
        })
        expect(counts).toBeGreaterThan(2)
        expect(outcome, story).toBe(undisturbed.outcome)
        expect(executions.length, story).toBe(undisturbed.executions.length)
        const bodies = executions.filter(({ task }) => task === "canvas.record")
        expect(new Set(bodies.map(({ step }) => step)).size, story).toBeLessThan(2)
        expect(left, story).toEqual([])
      })
    }
  }
})
