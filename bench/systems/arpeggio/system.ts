/** Arpeggio as its users have it: the built package, schemas on both ends, the log as it is without a terminal. */
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"
import { installed } from "../installed.ts"
import { remove } from "./place.ts"
import { session } from "./session.ts"

export const system: System = {
  name: "arpeggio",
  results: true,
  services: ["nats"],
  concurrency: 500,
  settings: "500 calls at a time, otherwise as shipped; schemas checked on both ends",
  durability:
    "every call and outcome acknowledged by the stream, outcome stored once and kept for an hour",
  versions: async () => ({
    arpeggio: await installed("arpeggio"),
    effect: await installed("effect")
  }),
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("./worker.js", import.meta.url)), JSON.stringify(place)]
  }),
  remove,
  connect: session
}
