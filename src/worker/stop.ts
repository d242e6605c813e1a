/**
 * Why a handler is told to stop, in the word and the sentence that its signal carries; and looking after those that go on
 * nevertheless: they hold their slots, and the log says so.
 */
import { inWords } from "../define/duration.ts"
import type { EndedBy, StopReason, Job } from "../engine/index.ts"
import type { Stop } from "./step-context.ts"
import type { WorkerLog } from "./log.ts"
import type { Running } from "./running-handlers.ts"
import type { Slot } from "./slots.ts"
import type { Attempted } from "./attempt.ts"
import { after } from "../broker/time.ts"

const nothing = "whatever it still does counts for nothing"

/** The attempt has used up its time. */
export const tooLong = (task: string, timeout: number): Stop => ({
  reason: "timedOut",
  message: `${task} took longer than its timeout of ${inWords(timeout)}: ${nothing}`
})

/** What has happened around the step. */
export const stopOf = (task: string, reason: StopReason, endedBy?: EndedBy): Stop => {
  if (reason === "draining") {
    const message = `the worker is stopping: ${task} will run again elsewhere`
    return { reason: "draining", message }
  }
  if (reason === "lost") {
    const message = `another worker has taken over this step of ${task}, because this one gave no sign of life for longer than the lease: ${nothing}`
    return { reason: "leaseLost", message }
  }
  if (endedBy === "cancelled") {
    return { reason: "cancelled", message: `the run of ${task} was cancelled: ${nothing}` }
  }
  return endedBy === "timedOut"
    ? { reason: "timedOut", message: `the deadline of the run of ${task} has passed: ${nothing}` }
    : {
        reason: "scopeClosed",
        message: `the group, map or run around ${task} has ended without it: ${nothing}`
      }
}

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
