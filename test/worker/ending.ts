/** A worker process whose steps end it, each in its way. */
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { serve, task } from "arpeggio"

const long = 60_000

export const ends = task(
  "ending.ends",
  { input: [Schema.String], output: Schema.String },
  async (how) => {
    // The one beside it has begun by then.
    await sleep(Number(process.env["AFTER"] ?? 0))
    if (how === "rejection") {
      void Promise.reject(new Error("boom"))
      await sleep(long)
    }
    if (how === "timer") {
      setTimeout(() => {
        throw new TypeError("in a timer")
      }, 1)
      await sleep(long)
    }
    if (how === "thrown text") {
      process.nextTick(() => {
        throw "just words"
      })
      await sleep(long)
    }
    // oxlint-disable-next-line unicorn/no-process-exit -- what a careless library does
    if (how === "exit") process.exit(3)
    if (how === "handled") {
      // oxlint-disable-next-line unicorn/no-process-exit -- as loggers do that want to be flushed first
      process.once("uncaughtException", () => setTimeout(() => process.exit(7), 20))
      setImmediate(() => {
        throw new RangeError("seen by a handler")
      })
      await sleep(long)
    }
    return how
  }
)

export const behind = task("ending.behind", { input: [], output: Schema.String }, () => {
  setTimeout(() => {
    throw new Error("left behind")
  }, 500)
  return "done"
})

export const lasts = task(
  "ending.lasts",
  { input: [Schema.Finite], output: Schema.Finite },
  async (milliseconds) => {
    process.stdout.write("lasts\n")
    await sleep(milliseconds)
    return milliseconds
  }
)

if (process.argv[1] === import.meta.filename) {
  await serve([ends, behind, lasts], {
    log: "quiet",
    crashes: Number(process.env["CRASHES"] ?? 1)
  })
}
