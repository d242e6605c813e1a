/** A worker process for the storms on a cluster: it knows every server, and is told its lease. */
import { workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { stormTasks } from "../chaos/tasks.ts"

const broker = await connectNats(
  { servers: process.env["NATS_URL"]!, namespace: process.env["ARPEGGIO_NAMESPACE"]! },
  { lease: Number(process.env["LEASE"]) }
)
await workerOver(broker, stormTasks, {
  concurrency: Number(process.env["CONCURRENCY"])
})
process.stdout.write("ready\n")
