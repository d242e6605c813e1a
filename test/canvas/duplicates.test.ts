/** Case 21: a second delivery of any message changes no result and creates no second body. */
import { expect, test } from "vitest"
import { play, type Play, type Played } from "../engine/play.ts"
import { plays, playStandIns, playTasks } from "../engine/plays.ts"
import { admissible } from "../reference/interpreter.ts"
import { canonical, outcomeJson } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"

const forms = [
  "a chain",
  "a group",
  "a chord",
  "a nested chord",
  "a chord whose body is a group",
  "a chord with a failing member",
  "a map",
  "a map with lanes",
  "a group recovered",
  "tasks replaced in a chord"
] as const

/** Everything delivered to any worker, counted; the one with that number comes twice. */
const twice = async (number: number, options: Play): Promise<[Played, deliveries: number]> => {
  let deliveries = 0
  const played = await play({
    ...options,
    faultAt: ({ verb }) => (verb === "deliver" && ++deliveries === number ? "duplicate" : undefined)
  })
  return [played, deliveries]
}

for (const form of forms) {
  for (const seed of [0, 1, 2]) {
    test(`case 21: every message of ${form} delivered twice in turn, seed ${seed}`, async () => {
      const workflow = plays[form]!
      const options: Play = { workflow, tasks: playTasks, ...(seed === 0 ? {} : { seed }) }
      const { outcomes } = admissible(
        workflow["~arpeggio"].plan,
        null,
        referenceOf(playTasks, playStandIns)
      )
      const admitted = outcomes.map((outcome) => canonical(outcomeJson(outcome)))
      const [, deliveries] = await twice(0, options)
      for (let number = 1; number <= deliveries; number++) {
        const [{ outcome, stable, executions, left, story }] = await twice(number, options)
        expect(admitted, story).toContain(outcome)
        expect(stable, story).toBe(true)
        expect(left, story).toEqual([])
        const bodies = executions.filter(({ task }) => task === "canvas.record")
        expect(new Set(bodies.map(({ step }) => step)).size, story).toBeLessThan(2)
        expect(new Set(bodies.map(({ input }) => canonical(input))).size, story).toBeLessThan(2)
        const steps = new Set(executions.map(({ step }) => step))
        expect(executions.length - steps.size, story).toBeLessThan(2)
      }
    })
  }
}
