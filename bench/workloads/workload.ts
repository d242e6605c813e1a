/** What a workload is, and what it may ask of the runner while it measures in the client's process. */
import type { Session } from "../system.ts"

/** What processes have used since they were started. */
export interface Usage {
  /** CPU seconds. */
  readonly client: number
  readonly workers: number
  readonly services: number
  /** Through the broker, both ways, where it tells. */
  readonly bytes: number | undefined
}

export interface Started {
  /** When the process was spawned, on this machine's clock, in milliseconds with fractions. */
  readonly at: number
}

/** Questions that the runner answers. */
export interface Runner {
  usage(): Promise<Usage>
  /** One more worker; resolves when it takes work. */
  startWorker(): Promise<Started>
  /** Resident memory of the workers and their children, in MB. */
  memory(): Promise<number>
  /** Stops the workers where they are, as a debugger would, and lets them go on. */
  freeze(): Promise<void>
  thaw(): Promise<void>
}

export interface Context {
  readonly session: Session
  readonly runner: Runner
  /** One short round, to see that everything works. */
  readonly quick: boolean
}

export interface Metric {
  readonly id: string
  readonly title: string
  readonly better: "more" | "less"
}

/** By `Metric.id`; what a system cannot do is absent. */
export type Measured = { readonly [metric: string]: number }

export interface Workload {
  readonly name: string
  readonly title: string
  readonly metrics: ReadonlyArray<Metric>
  /** Workers that run before the client comes. */
  readonly workers: 0 | 1
  /** Workers are started from one file with everything in it; without a system that has none. */
  readonly bundled?: true
  /** In seconds, for everything. */
  readonly limit: number
  /** False for what this system has no verb for. */
  readonly can?: (session: Session) => boolean
  readonly measure: (context: Context) => Promise<Measured>
}
