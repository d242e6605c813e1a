/** Looks after handlers that go on although they were told to stop: they hold their slots, and the log says so. */
import type { Job } from "../engine/index.ts"
import { after } from "../broker/time.ts"
import type { Attempted } from "./attempt.ts"
import type { WorkerLog } from "./log.ts"
import type { Running } from "./running-handlers.ts"
import type { Slot } from "./slots.ts"

/** A handler that stops when it is told to may need a moment for that, in milliseconds. */
const moment = 100

/** What it needs of the worker. */
interface Around {
  readonly log: WorkerLog
  readonly running: Running
}

/** Nothing where the handler has ended with its attempt. */
export const lookAfter = (
  { log, running }: Around,
  slot: Slot,
  job: Job,
  { execution, still }: Attempted
): void => {
  if (still === undefined) return
  slot.runsOn(job.message.task, still)
  const told = performance.now()
  const draining = execution.as === "stopped" && execution.reason === "draining"
  let said = false
  const cancel = after(moment, () => {
    said = true
    log.overruns(job, draining)
  })
  void still.then(() => {
    cancel()
    // A worker that stops has no use for the slot.
    if (said && !running.stopping) log.overran(job, performance.now() - told)
  })
}
