/** BullMQ over Redis. */
import { fileURLToPath } from "node:url"
import type { System } from "../../system.ts"
import { installed } from "../installed.ts"
import { connect } from "./session.ts"

export const system: System = {
  name: "bullmq",
  results: true,
  services: ["redis"],
  settings:
    "100 jobs at a time, addBulk of 1,000, FlowProducer, waitUntilFinished, no auto-pipelining; jobs kept an hour, at most 100,000",
  durability: "Redis's append-only file, to the disk once a second (appendfsync everysec)",
  versions: async () => ({
    bullmq: await installed("bullmq"),
    ioredis: await installed("ioredis")
  }),
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("worker.js", import.meta.url))],
    env: { BENCH_PLACE: JSON.stringify(place) }
  }),
  connect
}
