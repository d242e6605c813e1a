/** A worker process for the storms, with a short lease so that what a kill leaves behind is found soon. */
import { workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { usualTiming } from "../../src/transport/nats/timing.ts"
import { stormTasks } from "./tasks.ts"

const broker = await connectNats(
  { servers: process.env["NATS_URL"]!, namespace: process.env["ARPEGGIO_NAMESPACE"]! },
  { ...usualTiming, lease: 2_000 }
)
await workerOver(broker, stormTasks, { concurrency: 10 })
process.stdout.write("ready\n")
