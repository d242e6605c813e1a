/** The limit: the same messages with the same durability, written by hand on the NATS client library. */
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"
import { installed } from "../installed.ts"
import { prepare, remove } from "./place.ts"
import { session } from "./session.ts"

export const system: System = {
  name: "raw",
  results: true,
  services: ["nats"],
  concurrency: 1_000,
  settings:
    "own reply multiplexer, pulls renewed at half, 1,000 calls at a time; chord counted in the memory of its one worker",
  durability: "as arpeggio: every call and outcome acknowledged by the stream, outcome stored once",
  versions: async () => ({
    "@nats-io/transport-node": await installed("@nats-io/transport-node")
  }),
  prepare,
  remove,
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("./worker.js", import.meta.url)), JSON.stringify(place)]
  }),
  connect: session
}
