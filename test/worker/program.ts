/** A worker process for the tests of `serve`. */
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { serve, step, task } from "arpeggio"

export const slow = task(
  "serve.slow",
  { input: [Schema.Finite], output: Schema.String },
  async (milliseconds) => {
    const { signal } = step()
    process.stdout.write("began\n")
    await sleep(Number(process.env["HOLD"] ?? milliseconds), undefined, { signal })
    return `pid ${process.pid}`
  }
)

if (process.argv[1] === import.meta.filename) {
  await serve([slow], {
    log: "steps",
    ...(process.env["GRACE"] === undefined
      ? {}
      : { grace: `${Number(process.env["GRACE"])} millis` })
  })
  process.stdout.write("drained\n")
}
