/** W9: what a step or a member costs as chains and chords grow: it should not depend on how many there are. */
import type { Session } from "../system.ts"
import { check, oneByOne, timed, warmth } from "./pace.ts"
import { chorded, slow } from "./w4-fan-out.ts"
import type { Runner, Workload } from "./workload.ts"

/** Length, and how often it is run; the more, the less the beats of idle connections count. */
const chains = [
  [10, 40],
  [100, 10],
  [1_000, 2]
] as const

const chords = [
  [10, 40],
  [100, 20],
  [1_000, 5],
  [10_000, 1]
] as const

const chained = async (session: Session, length: number): Promise<void> =>
  check(`chain of ${length}`, await session.chain!(length, 1), length + 1)

interface Cost {
  /** Milliseconds each. */
  readonly time: number
  readonly bytes: number | undefined
}

const costOf = async (
  runner: Runner,
  parts: number,
  times: number,
  work: () => Promise<void>
): Promise<Cost> => {
  const before = await runner.usage()
  let took = 0
  let done = 0
  for (; done < times && took < 5_000; done++) took += await timed(work)
  const after = await runner.usage()
  const known = before.bytes !== undefined && after.bytes !== undefined
  return {
    time: took / done / parts,
    bytes: known ? (after.bytes! - before.bytes!) / done / parts : undefined
  }
}

export const growth: Workload = {
  name: "W9",
  title: "Growth: per step of a chain, per member of a chord",
  metrics: [
    ...chains.map(([length]) => ({
      id: `step${length}`,
      title: `chain of ${length}, ms per step`,
      better: "less" as const
    })),
    ...chains.map(([length]) => ({
      id: `bytes${length}`,
      title: `chain of ${length}, bytes per step`,
      better: "less" as const
    })),
    ...chords.map(([size]) => ({
      id: `member${size}`,
      title: `chord of ${size}, ms per member`,
      better: "less" as const
    }))
  ],
  workers: 1,
  limit: 240,
  can: ({ chain, chord }) => chain !== undefined || chord !== undefined,
  measure: async ({ session, runner, quick }) => {
    const measured: Record<string, number> = {}
    const part = quick ? 4 : 1
    if (session.chain !== undefined) {
      await oneByOne(quick ? 10 : 400, () => chained(session, 10), warmth)
      for (const [length, times] of chains) {
        const often = Math.ceil(times / part)
        const { time, bytes } = await costOf(runner, length, often, () => chained(session, length))
        measured[`step${length}`] = time
        if (bytes !== undefined) measured[`bytes${length}`] = bytes
      }
    }
    if (session.chord !== undefined) {
      await oneByOne(quick ? 10 : 60, () => chorded(session, 100), warmth)
      for (const [size, times] of chords) {
        const tooSlow = (measured["member1000"] ?? 0) * 1_000 > slow
        if (size > 1_000 && (quick || tooSlow)) continue
        const often = Math.ceil(times / part)
        const { time } = await costOf(runner, size, often, () => chorded(session, size))
        measured[`member${size}`] = time
      }
    }
    return measured
  }
}
