/** Asks for a run to be cancelled, and waits for how it ends. */
import { after } from "../broker/time.ts"
import { requestCancel } from "../engine/index.ts"
import { absent } from "./absent.ts"
import { runIdOf } from "../encode/subjects.ts"
import { InvalidResult, StillRunning } from "../result/errors.ts"
import type { RunStatus } from "../result/run.ts"
import type { WaitOptions } from "../result/wait.ts"
import { bounded, recordsUntil, unanswered } from "./bounded.ts"
import { verdictOf } from "./ended.ts"
import type { Waiter, Waiting } from "./waiter.ts"

/** How long a cancel may take before it is looked whether a worker is there, in milliseconds. */
const noticeable = 2_000

/** How the run ended. Rejects with `StillRunning` when the cancel is stored, but was not carried out in time. */
export const cancelRun = (
  { records: all, keep, nobody }: Waiting,
  waiter: Waiter,
  options: WaitOptions
): Promise<RunStatus> => {
  const { address } = waiter
  const run = runIdOf(address)
  let storedAt: number | undefined
  return bounded(
    all.broker,
    options,
    async (signal) => {
      const records = recordsUntil(all, signal)
      const known = await waiter.standing(records)
      if (known === "newer") return known
      if (known === "unknown" || known === "forgotten") throw absent(all, address, known)
      if (typeof known !== "string") return known.tag
      storedAt = await requestCancel(records, { address, keep }, "cancelled on request")
      waiter.canceled = true
      const forget = after(noticeable, () => nobody.lookAtCancel(address))
      try {
        return (await verdictOf(waiter, signal)).tag
      } catch (cause) {
        if (cause instanceof InvalidResult && (await waiter.standing(records)) === "newer") {
          return "newer"
        }
        throw cause
      } finally {
        forget()
      }
    },
    {
      late: (words) => {
        if (storedAt === undefined) return unanswered(words)
        const since = new Date(storedAt).toISOString()
        const message = `run ${run} had not ended ${words} after it was asked to, but its cancel is stored (since ${since}): the first worker that comes ends the run before it begins anything of it. Is one running in namespace "${all.namespace}"? Nothing more has to be done; cancel again, or attach(${JSON.stringify(run)}, workflow).outcome(), waits for it.`
        return new StillRunning({ run, message })
      }
    }
  )
}
