/** Random workflows on the broker in memory: in order, and with everything shuffled. */
import { test } from "vitest"
import { memoryLayer } from "../canvas/layer.ts"
import { agree } from "./agreement.ts"
import { randomTasks } from "./tasks.ts"

for (const seed of [undefined, 1]) {
  const layer = memoryLayer(seed)
  test(
    `random workflows agree with the interpreter, ${layer.name}`,
    { timeout: 60_000 },
    async () => {
      const place = await layer.open(randomTasks)
      await agree(place.app)
      await place.close()
    }
  )
}
