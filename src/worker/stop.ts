/** Why a handler is told to stop, in the word and the sentence that its signal carries. */
import { inWords } from "../define/duration.ts"
import type { EndedBy, StopReason } from "../engine/index.ts"
import type { Stop } from "./abort-signal.ts"

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
