/** A worker process of Restate: the server calls it over HTTP/2, at the port that it is given. */
import "./with-resolvers.ts"
import { serve } from "@restatedev/restate-sdk"
import { flows, tasks } from "./flows.ts"

await serve({
  port: Number(process.argv[2]),
  services: [tasks, flows],
  logger: (meta, ...lines) => {
    if (meta.level === "warn" || meta.level === "error") console.error(...lines)
  }
})
console.log("ready")
