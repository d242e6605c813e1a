/** W3: ten steps one after another, of which each takes what the one before gave; alone, and two hundred side by side. */
import type { Session } from "../system.ts"
import { median } from "../report/statistics.ts"
import { check, loops, oneByOne, warmth } from "./pace.ts"
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
    await oneByOne(quick ? 20 : 400, (at) => one(session, at), warmth)
    const alone = await oneByOne(quick ? 50 : 200, (at) => one(session, at), 5_000)
    const together = () => loops(200, 200, (at) => one(session, at))
    await oneByOne(quick ? 1 : 15, together, warmth)
    const all = await oneByOne(quick ? 3 : 5, together)
    return { alone: median(alone), many: (200 * length * 1_000) / median(all) }
  }
}
