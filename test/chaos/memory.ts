/** Whether memory stays level: samples over time, the line through them, and how sure its slope is. */
import { readFile } from "node:fs/promises"

export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number
  readonly bytes: number
}

/** A line through samples. Everything in MB and hours. */
export interface Trend {
  readonly samples: number
  readonly mean: number
  readonly slope: number
  /** The 95 % confidence interval of the slope. */
  readonly low: number
  readonly high: number
}

const megabyte = 1_048_576
const hour = 3_600_000

/** What a process holds in memory now, in bytes; `undefined` when it is not there. */
export const residentOf = async (pid: number): Promise<number | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "")
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status)
  return found === null ? undefined : Number(found[1]) * 1_024
}

/** The 97.5 % quantile of Student's t, close enough from five degrees of freedom on. */
const quantile = (freedom: number): number => 1.96 + 2.5 / Math.max(1, freedom - 1)

/**
 * The least-squares line. What memory does at one moment is much like what it did five seconds before, so the residuals
 * are taken as autoregressive: their correlation widens the interval, as fewer independent samples would.
 */
export const trendOf = (samples: ReadonlyArray<Sample>): Trend | undefined => {
  const count = samples.length
  if (count < 6) return undefined
  const origin = samples[0]!.at
  const points = samples.map(({ at, bytes }) => ({ x: (at - origin) / hour, y: bytes / megabyte }))
  const meanOf = (values: ReadonlyArray<number>): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const middle = meanOf(points.map(({ x }) => x))
  const mean = meanOf(points.map(({ y }) => y))
  const spread = points.reduce((sum, { x }) => sum + (x - middle) ** 2, 0)
  const slope = points.reduce((sum, { x, y }) => sum + (x - middle) * (y - mean), 0) / spread
  const residuals = points.map(({ x, y }) => y - mean - slope * (x - middle))
  const squares = residuals.reduce((sum, each) => sum + each ** 2, 0)
  const together = residuals.slice(1).reduce((sum, each, at) => sum + each * residuals[at]!, 0)
  const correlation = squares === 0 ? 0 : Math.min(0.95, Math.max(0, together / squares))
  const independent = Math.max(3, (count * (1 - correlation)) / (1 + correlation))
  const error = Math.sqrt(squares / (count - 2) / spread) * Math.sqrt(count / independent)
  const reach = quantile(independent - 2) * error
  return { samples: count, mean, slope, low: slope - reach, high: slope + reach }
}

/** How much of its level memory may have gained over the whole soak, when it is sure that it grew at all. */
const tolerated = 0.1

/**
 * Whether memory grows. A heap's samples go up and down by a tenth without any leak, so it counts as growing only when
 * both hold: its slope is positive beyond doubt (the interval's lower bound is above zero), and at that slope it would gain
 * more than a tenth of its mean level over the whole soak. What is slower than that is not found by a soak of this length.
 */
export const grows = ({ mean, slope, low }: Trend, hours: number): boolean =>
  low > 0 && slope * hours > mean * tolerated
