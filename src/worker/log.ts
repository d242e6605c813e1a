/** What a worker tells: a line when a step starts and one when it has ended, and whatever a person should know. */
import type { CallMessage, OutcomeMessage } from "../encode/message.ts"
import type { Value } from "../engine/value.ts"
import type { Counters } from "./counters.ts"
import { failureWords } from "./words.ts"

/** Where a worker's lines go. */
export type Print = (line: string) => void

/** An attempt that another follows. */
export interface Failed {
  readonly as: string
  /** JSON. */
  readonly text: string
}

export interface WorkerLog {
  readonly started: (run: string, message: CallMessage, deliveries: number) => void
  readonly ended: (
    run: string,
    message: CallMessage,
    how: OutcomeMessage["tag"] | "replaced",
    milliseconds: number,
    value?: Value
  ) => void
  readonly lost: (run: string, message: CallMessage) => void
  readonly fenced: (run: string, message: CallMessage, instead: OutcomeMessage["tag"]) => void
  readonly blocked: (milliseconds: number) => void
  readonly overruns: (run: string, message: CallMessage) => void
  readonly overran: (run: string, message: CallMessage, milliseconds: number) => void
  readonly retried: (run: string, message: CallMessage, failure: Failed, wait: number) => void
  readonly parked: (task: string, why: string, wait: number) => void
  readonly buried: (subject: string, why: string) => void
  readonly left: (subject: string, error: unknown) => void
  readonly repaired: (run: string) => void
}

/** With `steps`, also the two lines of every step. What is rare is counted too. */
export const workerLog = (print: Print, steps: boolean, counters: Counters): WorkerLog => {
  const told = new Set<string>()
  return {
    started: (run, message, deliveries) => {
      if (!steps) return
      const more = deliveries > 1 ? `  delivery ${deliveries}` : ""
      print(`${name(run, message)}  started${more}`)
    },
    ended: (run, message, how, milliseconds, value) => {
      if (how !== "Succeeded" && how !== "replaced" && how !== "Cancelled") {
        print(
          `${name(run, message)}  ${words[how]} after ${Math.round(milliseconds)} ms${because(how, value)}`
        )
      } else if (steps)
        print(`${name(run, message)}  ${words[how]} in ${Math.round(milliseconds)} ms`)
    },
    lost: (run, message) => {
      counters.lost += 1
      print(
        `${name(run, message)}  lost to another worker: this one gave no sign of life for longer than the lease; what it still does of this step counts for nothing`
      )
    },
    fenced: (run, message, instead) => {
      counters.fenced += 1
      print(
        `${name(run, message)}  came too late: its outcome had been decided before (it ${words[instead]}), so what this execution ended with counts for nothing`
      )
    },
    blocked: (milliseconds) => {
      counters.blocked += 1
      print(
        `the event loop was blocked for ${Math.round(milliseconds)} ms: leases cannot be renewed meanwhile, and after 30 s the steps here run elsewhere too. Move the work that blocks into a worker thread or a process.`
      )
    },
    overruns: (run, message) => {
      print(
        `${name(run, message)}  still runs, although it was told to stop: its outcome is decided, and its slot is taken until it ends. Let its handler stop at step().signal.`
      )
    },
    overran: (run, message, milliseconds) => {
      print(
        `${name(run, message)}  has ended at last, ${Math.round(milliseconds)} ms after it was told to stop: its slot is free again, and what it gave counts for nothing`
      )
    },
    retried: (run, message, { as, text }, wait) => {
      const failed = as === "timedOut" ? "timed out" : "failed"
      const words = failureWords(tags[as] ?? "Failed", text)
      print(
        `${name(run, message)}  attempt ${message.attempt} ${failed}, the next begins in ${Math.round(wait)} ms: ${words}`
      )
    },
    parked: (task, why, wait) => {
      if (told.has(task)) return
      told.add(task)
      print(
        `${task}: ${why}; calls of it go back to the queue for another worker (next look in ${wait} ms). If no other worker serves it, add it to serve([...]).`
      )
    },
    buried: (subject, why) => {
      print(`a message that no worker can read was moved to the dead letters: ${why} (${subject})`)
    },
    repaired: (run) => {
      counters.repaired += 1
      print(
        `${run} stood still: none of its calls was in the stream any more, so it was begun again where it had come to. Calls do not go by themselves: find out who removed them.`
      )
    },
    left: (subject, error) => {
      const message = error instanceof Error ? error.message : String(error)
      print(`a call was left to be delivered again: ${message} (${subject})`)
    }
  }
}

/** The whole id of the run, so that it can be pasted into `attach`. */
const name = (run: string, message: CallMessage): string => `${run} ${message.task}#${message.step}`

const words = {
  Succeeded: "succeeded",
  Failed: "failed",
  Crashed: "crashed",
  Cancelled: "stopped",
  TimedOut: "timed out",
  Expired: "expired",
  replaced: "went on as a workflow"
} as const

const tags: { readonly [as: string]: string } = { crashed: "Crashed", timedOut: "TimedOut" }

/** A handler that was interrupted in time needs no reason; one that ended too late does. */
const because = (how: string, value: Value | undefined): string => {
  if (value === undefined || !("text" in value)) return ""
  if (how === "TimedOut" && !value.text.includes('"took"')) return ""
  return `: ${failureWords(how, value.text)}`
}
