/** pg-boss over PostgreSQL: jobs without results for the caller. */
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"
import { installed } from "../installed.ts"
import { connect } from "./session.ts"
import { batchSize, instance, localConcurrency, queues } from "./settings.ts"

export const system: System = {
  name: "pg-boss",
  results: false,
  services: ["postgres"],
  settings:
    `batches of ${batchSize} × ${localConcurrency}, notify on, burstWhenBatchFull, polling 0.5 s (the least it allows); ` +
    "the bench's own socket says what is done",
  durability: "PostgreSQL's log, written within 0.6 s and synced then (synchronous_commit off)",
  versions: async () => ({ "pg-boss": await installed("pg-boss") }),
  async prepare(place) {
    const boss = instance(place, "setup")
    await boss.start()
    for (const queue of queues) await boss.createQueue(queue, { notify: true })
    await boss.stop({ graceful: false })
  },
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("worker.js", import.meta.url))],
    env: { BENCH_PLACE: JSON.stringify(place) }
  }),
  connect
}
