/** The limit: the same messages with the same durability, written by hand on the NATS client library. */
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"
import { prepare, remove } from "./place.ts"
import { session } from "./session.ts"

const require = createRequire(import.meta.url)

export const system: System = {
  name: "raw",
  results: true,
  services: ["nats"],
  concurrency: 1_000,
  settings:
    "own reply multiplexer, pulls renewed at half, 1,000 calls at a time; chord counted in the memory of its one worker",
  durability: "as arpeggio: every call and outcome acknowledged by the stream, outcome stored once",
  versions: async () => {
    const { version } = require("@nats-io/transport-node/package.json") as { version: string }
    return { "@nats-io/transport-node": version }
  },
  prepare,
  remove,
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("./worker.js", import.meta.url)), JSON.stringify(place)]
  }),
  connect: session
}
