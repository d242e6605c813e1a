/** Random workflows on a cluster. */
import { test } from "vitest"
import { agree } from "../property/agreement.ts"
import { plainWorld, richWorld } from "../property/world.ts"
import { clusterLayer } from "./layer.ts"

for (const [what, world] of Object.entries({ plain: plainWorld, rich: richWorld })) {
  test(`random ${what} workflows agree with the interpreter, cluster of three`, async () => {
    const place = await clusterLayer.open(world.tasks)
    try {
      await agree(world, place.app, 100)
    } finally {
      await place.close()
    }
  })
}
