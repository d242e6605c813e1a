/** A worker process for the storms, with a short lease so that what a kill leaves behind is found soon. */
import { serve } from "arpeggio"
import { workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { usualTiming } from "../../src/nats/timing.ts"
import { noteCommitted, stormTasks, watchPulse } from "./tasks.ts"
import { collectEvery, watchWorker } from "./watched.ts"

const namespace = process.env["ARPEGGIO_NAMESPACE"]!
const servers = process.env["NATS_URL"]!
const crashes = Number(process.env["CRASHES"] ?? 3)
const concurrency = Number(process.env["CONCURRENCY"] ?? 10)
const replicas = process.env["REPLICAS"] === "3" ? 3 : 1
const log = process.env["LOG"] === "quiet" ? "quiet" : "steps"

/** What a worker says of a step once its outcome is stored also goes to the ledger; the lines that matter go to the log, starts of second deliveries among them. */
const print = (line: string): void => {
  if (noteCommitted(line) || line.endsWith("  started")) return
  process.stderr.write(`${new Date().toISOString()} ${line}\n`)
}

watchPulse()
if (process.env["COLLECT"] !== undefined) collectEvery(Number(process.env["COLLECT"]))
if (process.env["SERVE"] === undefined) {
  const broker = await connectNats(
    { servers, namespace, replicas, say: print },
    { ...usualTiming, lease: Number(process.env["LEASE"] ?? 2_000) }
  )
  const worker = await workerOver(broker, stormTasks, {
    concurrency,
    maxCrashes: crashes,
    print,
    log
  })
  process.once("SIGTERM", () => {
    void worker.drain().then(() => process.exit(0))
  })
  if (process.env["WATCH"] !== undefined) watchWorker(worker)
  process.stdout.write("ready\n")
} else {
  // As in production: signals are `serve`'s, and the lease is the usual one.
  const ready = (line: string): void => {
    print(line)
    if (line.includes("arpeggio") && !line.includes("SIG")) process.stdout.write("ready\n")
  }
  await serve(stormTasks, {
    servers,
    namespace,
    concurrency,
    maxCrashes: crashes,
    print: ready,
    log,
    grace: "2 seconds"
  })
}
