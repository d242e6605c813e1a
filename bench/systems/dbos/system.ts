/** DBOS: workflows whose states are rows of PostgreSQL. */
import { fileURLToPath } from "node:url"
import { start } from "../../runner/process.ts"
import type { Command, Place, System } from "../../system.ts"
import { installed } from "../installed.ts"

const workerOf = (place: Place): Command => ({
  program: process.execPath,
  args: [fileURLToPath(new URL("worker.js", import.meta.url)), JSON.stringify(place)]
})

export const system: System = {
  name: "dbos",
  results: true,
  services: ["postgres"],
  settings:
    "100 workflows at a time; a task is a workflow in a queue that is looked at every 5 ms (1 s by default); results looked for every 3 ms, of many every 20 ms; a bulk enqueued in 4 transactions; a chain is a workflow of steps; a group is a workflow that enqueues a workflow for each, a chord the same with the sum as a step",
  durability:
    "every workflow and every step is committed to PostgreSQL, and only as durable as its commit",
  versions: async () => ({ dbos: await installed("@dbos-inc/dbos-sdk") }),
  // Its tables are made by the first worker that starts; a client may come before that.
  prepare: async (place) => {
    const worker = start("the worker of dbos", workerOf(place))
    await worker.line((line) => line === "ready").finally(() => worker.stop())
  },
  worker: workerOf,
  // Loaded here: the process that starts others has no use for it.
  connect: async (place) => (await import("./session.ts")).connect(place)
}
