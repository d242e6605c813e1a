/** Random workflows under random faults: calls lost, answered to nobody, sent twice, and workers dying at any of them. */
import fc from "fast-check"
import { test } from "vitest"
import { disagreement } from "./faulty.ts"
import { sketches } from "./sketch.ts"
import { plainWorld, richWorld } from "./world.ts"

const seed = 20_261_124
const plays = 120

for (const [what, world] of Object.entries({ plain: plainWorld, rich: richWorld })) {
  test(`random ${what} workflows under random faults`, { timeout: 60_000 }, async () => {
    const played = fc.asyncProperty(sketches, fc.nat(), async (sketch, seed) => {
      const wrong = await disagreement(sketch, seed, new Map(), world)
      if (wrong !== undefined) throw new Error(wrong)
    })
    await fc.assert(played, { seed, numRuns: plays })
  })
}
