/** Everything that was measured, by workload, metric, system and round. */
import type { Measured, Metric, Workload } from "../workloads/workload.ts"
import { ratios, type Spread, spreadOf } from "./statistics.ts"

export interface Sample {
  readonly round: number
  readonly workload: string
  readonly system: string
  readonly measured: Measured
}

export class Samples {
  readonly all: Array<Sample> = []

  add(sample: Sample): void {
    this.all.push(sample)
  }

  /** By round. */
  of(workload: string, metric: string, system: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>()
    for (const sample of this.all) {
      if (sample.workload !== workload || sample.system !== system) continue
      const value = sample.measured[metric]
      if (value !== undefined) found.set(sample.round, value)
    }
    return found
  }

  spread(workload: Workload, metric: Metric, system: string): Spread | undefined {
    return spreadOf([...this.of(workload.name, metric.id, system).values()])
  }

  /** How much of the right one's value the left one has. */
  ratio(workload: Workload, metric: Metric, left: string, right: string): Spread | undefined {
    return spreadOf(
      ratios(this.of(workload.name, metric.id, left), this.of(workload.name, metric.id, right))
    )
  }

  has(workload: Workload, system: string): boolean {
    return this.all.some((each) => each.workload === workload.name && each.system === system)
  }
}
