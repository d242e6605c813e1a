/** Describes the run that is waited for. */
import type { AnyNode } from "../define/plan.ts"
import type { Known, Records } from "../engine/index.ts"
import type { RunDescription, RunStatus } from "../result/run.ts"
import { describe } from "./describing.ts"
import type { Waiter } from "./waiter.ts"

export const statusOf = (known: Known | "newer"): RunStatus =>
  typeof known === "string" ? known : known.tag

/** Why a run has not ended. */
export const describeRun = async (
  waiter: Waiter,
  records: Records,
  plan: AnyNode | undefined
): Promise<RunDescription> =>
  describe(records, waiter.address, async () => statusOf(await waiter.standing(records)), plan)
