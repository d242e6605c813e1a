/** The handle of a run: its verbs, over what waits for it in this process. */
import { refuseUnknown } from "../define/known.ts"
import { received } from "../define/describe-value.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { runIdOf } from "../encode/subjects.ts"
import { type Caller, pointAt } from "../result/call-site.ts"
import { UnknownRun } from "../result/errors.ts"
import type { Run, RunStatus } from "../result/run.ts"
import type { WaitOptions } from "../result/wait.ts"
import { bounded, recordsUntil } from "./bounded.ts"
import { waitNames } from "./given.ts"
import { cancelRun } from "./canceling.ts"
import { describeRun, statusOf } from "./describe-run.ts"
import { ended } from "./ended.ts"
import { outcomeOf, valueOf } from "./decode-outcome.ts"
import { waitingFor, type Waiter, type Waiting } from "./waiter.ts"

/** A run before its workflow's types are put on it. */
export type AnyRun = Run<unknown, unknown>

export const handleOf = (
  { records, keep }: Waiting,
  workflow: AnyWorkflow | undefined,
  waiter: Waiter,
  caller: Caller
): AnyRun => {
  const { address } = waiter
  const plan = workflow?.["~arpeggio"].plan
  const run = { waiter, records, plan }
  const verb =
    <A>(name: string, work: (options: WaitOptions) => Promise<A>) =>
    async (options?: WaitOptions): Promise<A> => {
      try {
        refuseUnknown(name, options, waitNames)
        return await work(options ?? {})
      } catch (cause) {
        throw pointAt(cause, caller)
      }
    }
  return {
    id: runIdOf(address),
    outcome: verb("outcome", (options) =>
      waitingFor(
        plan,
        ended(run, options, (verdict, records) => outcomeOf(records, address, workflow, verdict))
      )
    ),
    result: verb("result", (options) =>
      waitingFor(
        plan,
        ended(run, options, (verdict, records) => valueOf(records, address, workflow, verdict))
      )
    ),
    cancel: verb("cancel", (options) => cancelRun(records, waiter, keep, options)),
    describe: verb("describe", (options) =>
      bounded(records.broker, options, async (signal) =>
        describeRun(waiter, recordsUntil(records, signal), plan)
      )
    ),
    status: verb("status", (options) =>
      bounded(records.broker, options, async (signal): Promise<RunStatus> => {
        return statusOf(await waiter.standing(recordsUntil(records, signal)))
      })
    )
  }
}

/** The handle of what cannot be a run. */
export const noHandle = (id: string, unknown: UnknownRun): AnyRun => {
  const reject = () => Promise.reject(unknown)
  return {
    id,
    outcome: reject,
    result: reject,
    status: reject,
    describe: reject,
    cancel: reject
  }
}

/** The error for what cannot be the id of a run. */
export const noRun = (id: unknown): UnknownRun =>
  new UnknownRun({
    run: String(id),
    message: `${received(id)} is not the id of a run: an id looks like app-k3j5…-0m5x…, as start(…) gives it in run.id`
  })
