/** W7: a text of 100 kB there and back, one at a time and 32 at once. */
import { median } from "../report/statistics.ts"
import { check, fitting, loops, oneByOne, timed } from "./pace.ts"
import type { Workload } from "./workload.ts"

const size = 100_000

export const large: Workload = {
  name: "W7",
  title: "Echo of 100 kB",
  metrics: [
    { id: "p50", title: "one at a time, p50 ms", better: "less" },
    { id: "rate", title: "32 outstanding, calls/s", better: "more" }
  ],
  workers: 1,
  limit: 60,
  measure: async ({ session, quick }) => {
    // Different at the end of each, so that none can be taken for another.
    const body = "abcdefghij".repeat(size / 10)
    const one = async (at: number): Promise<void> => {
      const mark = String(at).padStart(10, "0")
      const text = body.slice(0, -10) + mark
      const back = await session.echo(text)
      check(`echo ${at}`, back === text ? mark : back.slice(-20), mark)
    }
    await oneByOne(50, one)
    const times = await oneByOne(quick ? 50 : 300, one)
    const count = fitting(quick ? 200 : 1_000, 1_000 / median(times))
    await loops(Math.min(count, 200), 32, one)
    const together = await timed(() => loops(count, 32, one))
    return { p50: median(times), rate: (count * 1_000) / together }
  }
}
