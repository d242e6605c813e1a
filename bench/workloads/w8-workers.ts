/** W8, first half: the throughput of W1's loops with one worker process, and with three. */
import { calls, fitting, rateOf, warmUp } from "./pace.ts"
import type { Workload } from "./workload.ts"

export const workers: Workload = {
  name: "W8",
  title: "One worker and three, calls/s in 1,000 loops",
  metrics: [
    { id: "one", title: "one worker", better: "more" },
    { id: "three", title: "three workers", better: "more" }
  ],
  workers: 1,
  limit: 120,
  measure: async ({ session, runner, quick }) => {
    const count = fitting(quick ? 2_000 : 20_000, await warmUp(session, quick ? 1_000 : 20_000))
    const one = await rateOf(count, quick, () => calls(session, count, 1_000))
    await runner.startWorker()
    await runner.startWorker()
    await warmUp(session, quick ? 1_000 : 40_000)
    const three = await rateOf(count, quick, () => calls(session, count, 1_000))
    return { one, three }
  }
}
