/** A client that starts a run, says its id and waits for what it will not live to see. */
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { slow } from "../worker/program.ts"

const app = await clientOver(
  await connectNats({
    servers: process.env["NATS_URL"]!,
    namespace: process.env["ARPEGGIO_NAMESPACE"]!
  })
)
const run = await app.start(slow(1))
process.stdout.write(`${run.id}\n`)
await run.result()
