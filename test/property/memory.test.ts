/** Random workflows on the broker in memory: in order, and with everything shuffled; over plain JSON, and over many schemas. */
import { test } from "vitest"
import { memoryLayer } from "../canvas/layer.ts"
import { agree } from "./agreement.ts"
import { plainWorld, richWorld } from "./world.ts"

/** Of each world and order. */
const workflows = 200

for (const seed of [undefined, 1]) {
  for (const [what, world] of Object.entries({ plain: plainWorld, rich: richWorld })) {
    const layer = memoryLayer(seed)
    test(
      `random ${what} workflows agree with the interpreter, ${layer.name}`,
      { timeout: 60_000 },
      async () => {
        const place = await layer.open(world.tasks)
        await agree(world, place.app, workflows)
        await place.close()
      }
    )
  }
}
