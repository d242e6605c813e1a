/** W3: ten steps one after another, of which each takes what the one before gave; alone, and two hundred side by side. */
import type { Session } from "../system.ts"
import { median } from "../report/statistics.ts"
import { check, loops, oneByOne, timed } from "./pace.ts"
import type { Workload } from "./workload.ts"

const length = 10

const one = async (session: Session, value: number): Promise<void> =>
  check(`chain from ${value}`, await session.chain!(length, value), value + length)

export const chain: Workload = {
  name: "W3",
  title: "Chain of 10",
  metrics: [
    { id: "alone", title: "alone, ms", better: "less" },
    { id: "many", title: "200 at once, steps/s", better: "more" }
  ],
  workers: 1,
  limit: 60,
  can: (session) => session.chain !== undefined,
  measure: async ({ session, quick }) => {
    await oneByOne(quick ? 20 : 50, (at) => one(session, at))
    const alone = await oneByOne(quick ? 50 : 100, (at) => one(session, at))
    const together = () => timed(() => loops(200, 200, (at) => one(session, at)))
    const first = await together()
    // Slow systems are warm by then.
    const all = first > 5_000 ? [first] : [await together(), await together(), await together()]
    return { alone: median(alone), many: (200 * length * 1_000) / median(all) }
  }
}
