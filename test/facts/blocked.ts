/** A worker whose handler blocks its event loop for longer than its lease, as a process of its own. */
import * as Schema from "effect/Schema"
import { task } from "arpeggio"
import { workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"

export const block = task(
  "facts.block",
  { input: [Schema.Finite], output: Schema.String },
  (milliseconds) => {
    process.stdout.write("began\n")
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
    return "blocked"
  }
)

if (process.argv[1] === import.meta.filename) {
  const servers = process.env["NATS_URL"]!
  const broker = await connectNats({ servers, namespace: "facts" }, { lease: 1_000 })
  const worker = await workerOver(broker, [block], {
    print: (line) => process.stdout.write(`${line}\n`)
  })
  setInterval(() => {
    void worker.health().then(({ counters, eventLoop }) => {
      process.stdout.write(`${JSON.stringify({ counters, eventLoop })}\n`)
      return undefined
    })
  }, 200)
}
