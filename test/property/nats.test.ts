/** The same random workflows on a real server. */
import { test } from "vitest"
import { natsLayer } from "../canvas/layer.ts"
import { agree } from "./agreement.ts"
import { plainWorld, richWorld } from "./world.ts"

/** Of each world: those that the memory plays, too. */
const workflows = 200

for (const [what, world] of Object.entries({ plain: plainWorld, rich: richWorld })) {
  test(
    `random ${what} workflows agree with the interpreter, NATS`,
    { timeout: 60_000 },
    async () => {
      const place = await natsLayer.open(world.tasks)
      try {
        await agree(world, place.app, workflows)
      } finally {
        await place.close()
      }
    }
  )
}
