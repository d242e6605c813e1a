/** The same random workflows on a real server. */
import { test } from "vitest"
import { natsLayer } from "../canvas/layer.ts"
import { agree } from "./agreement.ts"
import { randomTasks } from "./tasks.ts"

test("random workflows agree with the interpreter, NATS", { timeout: 60_000 }, async () => {
  const place = await natsLayer.open(randomTasks)
  try {
    await agree(place.app)
  } finally {
    await place.close()
  }
})
