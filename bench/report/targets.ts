/** What the project wants to reach, and whether it does. */
import type { Samples } from "./samples.ts"
import { ratios, spreadOf } from "./statistics.ts"
import { spread, table } from "./table.ts"

interface Target {
  readonly what: string
  readonly workload: string
  /** A metric of Arpeggio's. */
  readonly metric: string
  readonly bound: "≥" | "≤"
  readonly limit: number
  /** The system whose same metric it is divided by, … */
  readonly peer?: string
  /** … or the metric of Arpeggio's own, … */
  readonly own?: string
  /** … or nothing: then the value itself counts, times this. */
  readonly scale?: number
}

const to = (
  workload: string,
  metric: string,
  what: string,
  bound: Target["bound"],
  limit: number,
  peer: string
): Target => ({ workload, metric, what: `${what}, to ${peer}`, bound, limit, peer })

const targets: ReadonlyArray<Target> = [
  to("W1", "bulk", "calls at once", "≥", 0.7, "raw"),
  to("W1", "bulk", "calls at once", "≥", 3.5, "bullmq"),
  to("W1", "bulk", "calls at once", "≥", 1.2, "graphile-worker"),
  to("W2", "p50", "round trip p50", "≤", 1.3, "raw"),
  to("W2", "p50", "round trip p50", "≤", 0.7, "bullmq"),
  to("W2", "p99", "round trip p99", "≤", 2, "raw"),
  to("W3", "alone", "chain alone", "≤", 0.55, "bullmq"),
  to("W3", "many", "200 chains, steps/s", "≥", 3, "bullmq"),
  to("W4", "chord100", "chord of 100", "≤", 0.4, "bullmq"),
  to("W4", "chord1000", "chord of 1,000", "≤", 0.5, "bullmq"),
  {
    workload: "W4",
    metric: "chord10000",
    what: "chord of 10,000, time per member to that of 1,000",
    bound: "≤",
    limit: 1.5,
    own: "chord1000",
    scale: 0.1
  },
  to("W5", "cold", "cold start", "≤", 1, "bullmq"),
  to("W5b", "cold", "cold start, bundled", "≤", 1, "bullmq"),
  { workload: "W5", metric: "idle", what: "idle worker, MB", bound: "≤", limit: 80 },
  to("W6", "total", "CPU", "≤", 0.4, "bullmq"),
  { workload: "W8b", metric: "flat", what: "backlog, farthest tenth", bound: "≤", limit: 0.1 },
  {
    workload: "W8b",
    metric: "drift",
    what: "backlog, last third to first",
    bound: "≥",
    limit: 0.9
  },
  {
    workload: "W8",
    metric: "three",
    what: "three workers to one",
    bound: "≥",
    limit: 1,
    own: "one"
  },
  {
    workload: "W9",
    metric: "bytes1000",
    what: "bytes per step, chain of 1,000 to 100",
    bound: "≤",
    limit: 1.05,
    own: "bytes100"
  },
  {
    workload: "W9",
    metric: "step1000",
    what: "time per step, chain of 1,000 to 10",
    bound: "≤",
    limit: 1.2,
    own: "step10"
  }
]

const found = (samples: Samples, target: Target): ReadonlyArray<number> => {
  const { workload, metric, peer, own, scale = 1 } = target
  const mine = samples.of(workload, metric, "arpeggio")
  if (peer !== undefined) return ratios(mine, samples.of(workload, metric, peer))
  if (own === undefined) return [...mine.values()]
  return ratios(mine, samples.of(workload, own, "arpeggio")).map((ratio) => ratio * scale)
}

/** Only what both sides were measured for. */
export const targetTable = (samples: Samples): string => {
  const rows = targets.flatMap((target) => {
    const reached = spreadOf(found(samples, target))
    if (reached === undefined) return []
    const { what, bound, limit, workload } = target
    const well = bound === "≥" ? reached.median >= limit : reached.median <= limit
    return [[`${workload} ${what}`, `${bound} ${limit}`, spread(reached), well ? "yes" : "**no**"]]
  })
  if (rows.length === 0) return ""
  return `### Targets\n\n${table(["", "wanted", "measured", "reached"], rows)}`
}
