/** DBOS: workflows whose states are rows of PostgreSQL. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"

const name = "@dbos-inc/dbos-sdk"

/** Read from the file: the package does not export it. */
const version = (): string => {
  const main = createRequire(import.meta.url).resolve(name)
  const root = main.slice(0, main.lastIndexOf(name) + name.length)
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string })
    .version
}

export const system: System = {
  name: "dbos",
  results: true,
  services: ["postgres"],
  settings:
    "a task is a workflow in a queue that is looked at every 5 ms (1 s by default); results looked for every 3 ms, of many every 20 ms; a bulk enqueued in 4 transactions; a chain is a workflow of steps; a group is a workflow that enqueues a workflow for each, a chord the same with the sum as a step",
  durability:
    "every workflow and every step is committed to PostgreSQL, and only as durable as its commit",
  versions: async () => ({ dbos: version() }),
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("worker.js", import.meta.url)), JSON.stringify(place)]
  }),
  // Loaded here: the process that starts others has no use for it.
  connect: async (place) => (await import("./session.ts")).connect(place)
}
