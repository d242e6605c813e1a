/** W2: one call at a time, from the call to its result. */
import { quantile } from "../report/statistics.ts"
import { called, oneByOne, warmth } from "./pace.ts"
import type { Workload } from "./workload.ts"

export const roundTrip: Workload = {
  name: "W2",
  title: "Round trip, one call at a time, ms",
  metrics: [
    { id: "p50", title: "p50", better: "less" },
    { id: "p99", title: "p99", better: "less" }
  ],
  workers: 1,
  limit: 60,
  measure: async ({ session, quick }) => {
    await oneByOne(quick ? 200 : 4_000, (at) => called(session, at), warmth)
    const times = await oneByOne(quick ? 500 : 3_000, (at) => called(session, at))
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
  }
}
