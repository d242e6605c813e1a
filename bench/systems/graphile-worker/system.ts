/** graphile-worker over PostgreSQL: jobs without results. */
import { runMigrations } from "graphile-worker"
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"
import { installed } from "../installed.ts"
import { connect } from "./session.ts"
import { batchDelay, localQueueSize, preset } from "./settings.ts"

export const system: System = {
  name: "graphile-worker",
  results: false,
  services: ["postgres"],
  settings:
    `100 jobs at a time, localQueue ${localQueueSize}, completeJobBatchDelay ${batchDelay} ms, addJobs; ` +
    "the bench's own socket says what is done",
  durability: "PostgreSQL's log, written within 0.6 s and synced then (synchronous_commit off)",
  versions: async () => ({ "graphile-worker": await installed("graphile-worker") }),
  prepare: (place) => runMigrations({ preset: preset(place) }),
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("worker.js", import.meta.url))],
    env: { BENCH_PLACE: JSON.stringify(place) }
  }),
  connect
}
