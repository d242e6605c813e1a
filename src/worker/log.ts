/** What a worker tells: a line when a step starts and one when it has ended, and whatever a person should know. */
import { inWords } from "../define/duration.ts"
import type { Print } from "../define/print.ts"
import { received } from "../define/received.ts"
import type { CallMessage, OutcomeMessage } from "../encode/message.ts"
import type { Value } from "../engine/value.ts"
import type { RoomLog } from "../engine/room/no-room.ts"
import type { Counters } from "./counters.ts"
import type { PutBack } from "./strangers.ts"
import { thrownOf } from "./thrown.ts"
import { failureWords } from "../encode/failure-words.ts"

/** An attempt that another follows. */
export interface Failed {
  readonly as: string
  /** JSON. */
  readonly text: string
}

/** How often workers were lost with a step, and what the last of them said. */
export interface Lost {
  readonly count: number
  readonly spared: number
  readonly farewell?: { readonly worker: string; readonly words: string; readonly own: boolean }
}

export interface WorkerLog extends RoomLog {
  readonly started: (run: string, message: CallMessage, deliveries: number) => void
  readonly ended: (
    run: string,
    message: CallMessage,
    how: OutcomeMessage["tag"] | "replaced",
    milliseconds: number,
    value?: Value
  ) => void
  /** Its outcome is a crash, and nobody executes it any more. */
  readonly givenUp: (run: string, message: CallMessage, value: Value) => void
  readonly lost: (run: string, message: CallMessage) => void
  readonly fenced: (run: string, message: CallMessage, instead: OutcomeMessage["tag"]) => void
  readonly blocked: (milliseconds: number) => void
  /** `draining`: the worker stops, and nothing of the step is decided. */
  readonly overruns: (run: string, message: CallMessage, draining: boolean) => void
  readonly overran: (run: string, message: CallMessage, milliseconds: number) => void
  /** What a handler lets listen to its signal has thrown. */
  readonly listenerThrew: (run: string, message: CallMessage, thrown: unknown) => void
  /** It was lost with its worker before; `own`: this step is what ended it. */
  readonly again: (run: string, message: CallMessage, lost: Lost) => void
  readonly retried: (run: string, message: CallMessage, failure: Failed, wait: number) => void
  readonly parked: (task: string, queue: string, left: PutBack) => void
  /** Something of a newer release waits for a newer worker. */
  readonly newer: (task: string, what: string, wait: number) => void
  /** A call of another version of a task's contract waits for a worker that has it; told once for each version. */
  readonly foreign: (task: string, version: string, why: string, wait: number) => void
  readonly buried: (subject: string, why: string) => void
  readonly left: (subject: string, error: unknown) => void
  readonly repaired: (run: string) => void
}

/** How many lines that are told once are remembered: strangers could send any number of versions. */
const mostTold = 1_000

/** With `steps`, also the two lines of every step. What is rare is counted too. */
export const workerLog = (print: Print, steps: boolean, counters: Counters): WorkerLog => {
  const told = new Set<string>()
  const once = (what: string, tell: () => void): void => {
    if (told.has(what) || told.size >= mostTold) return
    told.add(what)
    tell()
  }
  return harmless(print, {
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
    givenUp: (run, message, value) => {
      print(`${name(run, message)}  is given up${because("Crashed", value)}`)
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
    overruns: (run, message, draining) => {
      const runs = draining
        ? "still runs although the worker stops; its step goes back to the queue and runs again elsewhere"
        : "still runs, although it was told to stop: its outcome is decided, and its slot is taken until it ends"
      print(`${name(run, message)}  ${runs}. Let its handler stop at step().signal.`)
    },
    overran: (run, message, milliseconds) => {
      print(
        `${name(run, message)}  has ended at last, ${Math.round(milliseconds)} ms after it was told to stop: its slot is free again, and what it gave counts for nothing`
      )
    },
    listenerThrew: (run, message, thrown) => {
      print(
        `${name(run, message)}  was told to stop, and a listener of its step().signal threw. That changes nothing for the step; mend the listener. It threw ${failureWords("Crashed", JSON.stringify(thrownOf(thrown)))}`
      )
    },
    again: (run, message, { count, spared, farewell }) => {
      if (!steps && farewell?.own !== true) return
      const why =
        farewell === undefined
          ? "its worker died without a word, or lost the connection"
          : `its worker ${farewell.worker} ended with: ${farewell.words}`
      const counted = spared === 0 ? "" : ` (${spared} of them for another step)`
      print(`${name(run, message)}  begins again, after loss ${count}${counted}: ${why}`)
    },
    retried: (run, message, { as, text }, wait) => {
      const failed = as === "timedOut" ? "timed out" : "failed"
      const words = failureWords(tags[as] ?? "Failed", text)
      print(
        `${name(run, message)}  attempt ${message.attempt} ${failed}, the next begins in ${Math.round(wait)} ms: ${words}`
      )
    },
    parked: (task, queue, { wait, patience }) => {
      once(`${queue} ${task}`, () =>
        print(
          `${task}: this worker does not serve it; calls of it go back to queue "${queue}" for a worker that does, for ${inWords(patience)} at most (next look in ${wait} ms). If there is none, add it to serve([...]), or start one that serves it, with queues: ["${queue}"].`
        )
      )
    },
    newer: (task, what, wait) => {
      once(`newer ${task} ${what}`, () =>
        print(
          `${task === "_" ? "an expansion, or what looks after a run" : task}: ${what}; it goes back to the queue for a worker of a newer release (next look in ${wait} ms). Deploy that release to the workers of this queue.`
        )
      )
    },
    foreign: (task, version, why, wait) => {
      once(`${version} ${task}`, () =>
        print(
          `calls of ${task} come with another version of its contract (${why}) and go back to the queue for a worker that has it (next look in ${wait} ms). If there is none, start one with that version, or mend the contract so that it takes both.`
        )
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
    full: (words) => print(words),
    roomAgain: (milliseconds) => {
      print(
        `there is room again after ${Math.round(milliseconds / 1000)} s: what waited is stored, and calls are taken again`
      )
    },
    left: (subject, error) => {
      const message = error instanceof Error ? error.message : String(error)
      print(`a call was left to be delivered again: ${message} (${subject})`)
    }
  })
}

/** What cannot be put into words is said to be so, and stops nobody's work. */
const harmless = (print: Print, log: WorkerLog): WorkerLog =>
  Object.fromEntries(
    Object.entries(log).map(([name, tell]: [string, (...about: Array<never>) => void]) => [
      name,
      (...about: Array<never>): void => {
        try {
          tell(...about)
        } catch (cause) {
          print(`something (${name}) could not be put into words: ${received(cause)}`)
        }
      }
    ])
  ) as unknown as WorkerLog

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
