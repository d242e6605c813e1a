/** A worker that is to be killed: it declares a schedule of each second, and writes a line for each run that it executes. */
import { appendFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import { schedule, startWorker, step, task } from "arpeggio"

const note = task("note", { input: [], output: Schema.Void }, () => {
  const { scheduled, run } = step()
  const at = scheduled!.at.getTime()
  appendFileSync(process.env["LEDGER"]!, `${at} ${run} ${Date.now() - at}\n`)
})

await startWorker([note], {
  servers: process.env["NATS_URL"]!,
  namespace: process.env["ARPEGGIO_NAMESPACE"]!,
  schedules: [schedule("each", note(), { every: "1 second", overlap: "allow" })],
  scheduleGroup: "each",
  log: "quiet"
})
process.stdout.write("ready\n")
setInterval(() => {}, 60_000)
