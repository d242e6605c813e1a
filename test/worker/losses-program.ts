/** A worker process whose steps end it, each in its way. */
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { serve, task } from "arpeggio"

const long = 600_000

const ways: { readonly [how: string]: () => void } = {
  rejection: () => void Promise.reject(new Error("boom")),
  // oxlint-disable-next-line unicorn/no-process-exit -- what a careless library does
  exit: () => process.exit(3),
  handled: () => {
    // oxlint-disable-next-line unicorn/no-process-exit -- as loggers do that want to be flushed first
    process.once("uncaughtException", () => setTimeout(() => process.exit(7), 20))
    setImmediate(() => {
      throw new RangeError("seen by a handler")
    })
  }
}

/** Does so before it waits for anything. */
export const ends = task(
  "losses.ends",
  { input: [Schema.String], output: Schema.String },
  async (how) => {
    ways[how]!()
    await sleep(long)
    return how
  }
)

/** Ends the process when it is over itself. */
export const behind = task("losses.behind", { input: [], output: Schema.String }, () => {
  setTimeout(() => {
    throw new Error("left behind")
  }, 500)
  return "done"
})

/** As long as nobody says that it is to be quick. */
export const lasts = task("losses.lasts", { input: [], output: Schema.String }, async () => {
  if (process.env["QUICK"] !== undefined) return "done"
  process.stdout.write("lasts\n")
  await sleep(long)
  return "done"
})

if (process.argv[1] === import.meta.filename) {
  // Nobody's step.
  process.on("SIGUSR2", () => {
    throw new Error("in no step")
  })
  await serve([ends, behind, lasts], {
    log: "quiet",
    maxCrashes: Number(process.env["CRASHES"] ?? 1)
  })
}
