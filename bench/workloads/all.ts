/** The workloads in the order in which they are measured and printed. */
import { throughput } from "./w1-throughput.ts"
import { roundTrip } from "./w2-round-trip.ts"
import { chain } from "./w3-chain.ts"
import { fanOut } from "./w4-fan-out.ts"
import { bundledStart, coldStart } from "./w5-start.ts"
import { cpu } from "./w6-cpu.ts"
import { large } from "./w7-large.ts"
import { backlog } from "./w8-backlog.ts"
import { workers } from "./w8-workers.ts"
import { growth } from "./w9-growth.ts"
import type { Workload } from "./workload.ts"

export const workloads: ReadonlyArray<Workload> = [
  throughput,
  roundTrip,
  chain,
  fanOut,
  coldStart,
  bundledStart,
  cpu,
  large,
  workers,
  backlog,
  growth
]
