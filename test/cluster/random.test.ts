/** Random workflows on a cluster. */
import { test } from "vitest"
import { agree } from "../property/agreement.ts"
import { randomTasks } from "../property/tasks.ts"
import { clusterLayer } from "./layer.ts"

test("random workflows agree with the interpreter, cluster of three", async () => {
  const place = await clusterLayer.open(randomTasks)
  try {
    await agree(place.app, 100)
  } finally {
    await place.close()
  }
})
