/**
 * Every fault at every call of a worker, and at everything that arrives there: the run comes to an outcome that the
 * interpreter admits, its body is one step with one input, and nothing is left behind.
 */
import { describe, expect, test } from "vitest"
import type { Fault, MemoryCall } from "../../src/transport/memory/fault.ts"
import { admissible } from "../reference/interpreter.ts"
import { canonical, outcomeJson } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"
import { play, type Played } from "./play.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"

const reference = referenceOf(playTasks, playStandIns)

const faults: ReadonlyArray<Fault & string> = [
  "lost",
  "unanswered",
  "duplicate",
  "crash-before",
  "crash-after"
]

/** Faults that differ at such a call from those that come before them in the list. */
const differ = (verb: MemoryCall["verb"], fault: Fault & string): boolean => {
  if (["read", "readAll", "count", "waiting"].includes(verb)) {
    return fault === "lost" || fault === "crash-before"
  }
  return fault !== "unanswered" || verb === "publish" || verb === "purge"
}

const check = (played: Played, admitted: ReadonlyArray<string>, what: string): void => {
  const { outcome, stable, executions, left, story } = played
  const told = `${what}\n${story}`
  expect(admitted, told).toContain(outcome)
  expect(stable, told).toBe(true)
  expect(left, told).toEqual([])
  const bodies = executions.filter(({ task }) => task === "canvas.record")
  expect(new Set(bodies.map(({ step }) => step)).size, told).toBeLessThanOrEqual(1)
  expect(new Set(bodies.map(({ input }) => canonical(input))).size, told).toBeLessThanOrEqual(1)
}

for (const [form, workflow] of Object.entries(plays)) {
  describe(form, () => {
    const { plan } = workflow["~arpeggio"]
    const admitted = admissible(plan, null, reference).outcomes.map((outcome) =>
      canonical(outcomeJson(outcome))
    )
    for (const fault of faults) {
      test(fault, { timeout: 60_000 }, async () => {
        const undisturbed = await play({ workflow, tasks: playTasks })
        check(undisturbed, admitted, "undisturbed")
        for (const [before, verb] of undisturbed.calls.entries()) {
          if (!differ(verb, fault)) continue
          const at = before + 1
          const played = await play({
            workflow,
            tasks: playTasks,
            faultAt: ({ connection, count }) =>
              connection === "worker-1" && count === at ? fault : undefined
          })
          check(played, admitted, `${fault} at call ${at}, ${verb}`)
        }
      })
    }
  })
}
