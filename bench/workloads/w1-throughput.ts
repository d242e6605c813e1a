/** W1: many calls of `inc` at once with every result back, in bulk and awaited one by one in a thousand loops. */
import { calls, checkAll, fitting, numbers, rateOf, warmUp } from "./pace.ts"
import type { Workload } from "./workload.ts"

export const throughput: Workload = {
  name: "W1",
  title: "Throughput: calls with the result back, per second",
  metrics: [
    { id: "bulk", title: "all at once", better: "more" },
    { id: "loops", title: "in 1,000 loops", better: "more" }
  ],
  workers: 1,
  limit: 120,
  measure: async ({ session, quick }) => {
    const rate = await warmUp(session, quick ? 1_000 : 20_000)
    const count = fitting(quick ? 2_000 : 20_000, rate)
    const bulk = await rateOf(count, quick, async () => {
      checkAll("bulk", await session.bulk(numbers(count)), 1, count)
    })
    return { bulk, loops: await rateOf(count, quick, () => calls(session, count, 1_000)) }
  }
}
