/** W4: members side by side, alone as a group, and as a chord whose body takes all their results. */
import type { Session } from "../system.ts"
import { median } from "../report/statistics.ts"
import { check, checkAll, oneByOne, warmth, warmUp } from "./pace.ts"
import type { Measured, Workload } from "./workload.ts"

/** Whoever takes longer for a chord of 1,000, in milliseconds, is not asked for one of 10,000. */
export const slow = 3_000

export const sumOf = (size: number): number => (size * (size + 1)) / 2

export const chorded = async (session: Session, size: number): Promise<void> =>
  check(`chord of ${size}`, await session.chord!(size), sumOf(size))

const grouped = async (session: Session, size: number): Promise<void> =>
  checkAll(`group of ${size}`, await session.group!(size), 1, size)

export const fanOut: Workload = {
  name: "W4",
  title: "Group and chord, ms",
  metrics: [
    { id: "group100", title: "group of 100", better: "less" },
    { id: "chord100", title: "chord of 100", better: "less" },
    { id: "chord1000", title: "chord of 1,000", better: "less" },
    { id: "chord10000", title: "chord of 10,000", better: "less" }
  ],
  workers: 1,
  limit: 180,
  can: ({ group, chord }) => group !== undefined || chord !== undefined,
  measure: async ({ session, quick }) => {
    await warmUp(session, 1_000)
    const warm = quick ? 2 : 60
    const measured: Record<string, number> = {}
    const take = async (id: string, times: number, work: () => Promise<void>) => {
      measured[id] = median(await oneByOne(times, work))
    }
    if (session.group !== undefined) {
      await oneByOne(warm, () => grouped(session, 100), warmth)
      await take("group100", quick ? 5 : 21, () => grouped(session, 100))
    }
    if (session.chord !== undefined) {
      await oneByOne(warm, () => chorded(session, 100), warmth)
      await take("chord100", quick ? 5 : 21, () => chorded(session, 100))
      await oneByOne(quick ? 1 : 5, () => chorded(session, 1_000), warmth)
      await take("chord1000", quick ? 3 : 7, () => chorded(session, 1_000))
      if (measured["chord1000"]! < slow) await take("chord10000", 1, () => chorded(session, 10_000))
    }
    return measured as Measured
  }
}
