/** Random workflows, done by their rules alone in random order, come to an outcome that the interpreter admits: it was written apart from the rules. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { seededRandom } from "../../src/testing/memory/random.ts"
import { encodeInput } from "../../src/plan/values.ts"
import { plainWorld, richWorld } from "../property/world.ts"
import { type Sketch, sketches } from "../property/sketch.ts"
import { admissible } from "../reference/interpreter.ts"
import { canonical, outcomeJson } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"
import { driven } from "./driven.ts"

const seed = 20_261_127
const workflows = 300
/** Orders for each. */
const orders = 4

for (const [what, world] of Object.entries({ plain: plainWorld, rich: richWorld })) {
  test(`${what} workflows`, { timeout: 60_000 }, () => {
    const reference = referenceOf(world.tasks, world.standIns)
    let contests = 0
    const agrees = (sketch: Sketch): void => {
      const workflow = world.workflowOf(sketch)
      const { plan } = workflow["~arpeggio"]
      const input = encodeInput(workflow, world.input)
      const { outcomes, contested } = admissible(plan, input, reference)
      if (contested) contests++
      const admitted = outcomes.map((outcome) => canonical(outcomeJson(outcome)))
      for (let order = 0; order < orders; order++) {
        const random = seededRandom(order)
        const ended = driven(plan, input, reference, (below) => Math.floor(random() * below))
        expect(admitted).toContain(canonical(ended))
      }
    }
    fc.assert(fc.property(sketches, agrees), { seed, numRuns: workflows })
    // Members of one scope that fail at once, where the order decides.
    expect(contests).toBeGreaterThan(workflows / 100)
  })
}
