/** The workloads in the order in which they are measured and printed. */
import { throughput } from "./w1-throughput.ts"
import { roundTrip } from "./w2-round-trip.ts"
import { chain } from "./w3-chain.ts"
import { fanOut } from "./w4-fan-out.ts"
import { cpu } from "./w6-cpu.ts"
import type { Workload } from "./workload.ts"

export const workloads: ReadonlyArray<Workload> = [throughput, roundTrip, chain, fanOut, cpu]
