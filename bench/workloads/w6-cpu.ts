/** W6: what 5,000 calls with 1,000 outstanding cost the processor, in the client, the worker and the broker. */
import { calls, fitting, warmUp } from "./pace.ts"
import type { Workload } from "./workload.ts"

const wanted = 5_000

export const cpu: Workload = {
  name: "W6",
  title: "CPU seconds for 5,000 calls, 1,000 outstanding",
  metrics: [
    { id: "client", title: "client", better: "less" },
    { id: "worker", title: "worker", better: "less" },
    { id: "services", title: "broker or database", better: "less" },
    { id: "total", title: "together", better: "less" }
  ],
  workers: 1,
  limit: 60,
  measure: async ({ session, runner, quick }) => {
    const count = fitting(wanted, await warmUp(session, quick ? 1_000 : 20_000))
    const before = await runner.usage()
    await calls(session, count, 1_000)
    const after = await runner.usage()
    const scale = wanted / count
    const client = (after.client - before.client) * scale
    const worker = (after.workers - before.workers) * scale
    const services = (after.services - before.services) * scale
    return { client, worker, services, total: client + worker + services }
  }
}
