/** Random workflows under random faults: calls lost, answered to nobody, sent twice, and workers dying at any of them. */
import fc from "fast-check"
import { test } from "vitest"
import type { Fault, MemoryCall } from "../../src/transport/memory/fault.ts"
import { seededRandom } from "../../src/transport/memory/random.ts"
import { play } from "../engine/play.ts"
import { admissible } from "../reference/interpreter.ts"
import { canonical, outcomeJson } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"
import { workflowOf } from "./build.ts"
import { sketches } from "./sketch.ts"
import { randomTasks } from "./tasks.ts"

const seed = 20_261_124
const plays = 250

/** How many faults a run must survive at most; the patience of a play is limited. */
const most = 6

const kinds: ReadonlyArray<Fault> = [
  "lost",
  "unanswered",
  "duplicate",
  "duplicate",
  "crash-before",
  "crash-after"
]

const reference = referenceOf(randomTasks)

const randomFaults = (seed: number): ((call: MemoryCall) => Fault | undefined) => {
  const random = seededRandom(seed)
  let left = most
  return ({ verb }) => {
    // A worker that cannot even begin is another test.
    if (verb === "consume" || verb === "listen") return undefined
    if (left === 0 || random() > 0.05) return undefined
    left--
    return kinds[Math.floor(random() * kinds.length)]
  }
}

test("random workflows under random faults", { timeout: 60_000 }, async () => {
  const played = fc.asyncProperty(sketches, fc.nat(), async (sketch, seed) => {
    const { workflow } = workflowOf(sketch, "number")
    const { outcomes } = admissible(workflow["~arpeggio"].plan, 5, reference)
    const admitted = outcomes.map((outcome) => canonical(outcomeJson(outcome)))
    const { outcome, stable, left, story } = await play({
      workflow,
      input: 5,
      tasks: randomTasks,
      seed,
      crashes: most + 2,
      faultAt: randomFaults(seed)
    })
    if (outcome === undefined || !admitted.includes(outcome)) {
      throw new Error(`${outcome} is none of ${admitted.join(" or ")}\n${story}`)
    }
    if (!stable) throw new Error(`the outcome changed\n${story}`)
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}\n${story}`)
  })
  await fc.assert(played, { seed, numRuns: plays })
})
