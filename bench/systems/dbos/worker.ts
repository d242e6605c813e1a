/** A worker process of DBOS. */
import { DBOS } from "@dbos-inc/dbos-sdk"
import type { Place } from "../../system.ts"
import { names, pause, register } from "./flows.ts"

const place = JSON.parse(process.argv[2] ?? "") as Place
const { schema, tasks, flows } = names(place)
const address = place.addresses.postgres
if (address === undefined) throw new Error("PostgreSQL is not there")

DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: address,
  systemDatabaseSchemaName: schema,
  systemDatabasePoolSize: 20,
  applicationVersion: "1",
  logLevel: "error"
})
register(place)
await DBOS.launch()
const options = { minPollingIntervalMs: pause.queue }
await DBOS.registerQueue(tasks, { ...options, workerConcurrency: place.concurrency })
await DBOS.registerQueue(flows, options)
process.once("SIGTERM", () => {
  void DBOS.shutdown().then(() => process.exit(0))
})
console.log("ready")
