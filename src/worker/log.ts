/** The observer that people read: a line when a step starts and one when it has ended, and whatever a person should know. */
import { inWords } from "../define/duration.ts"
import type { Print } from "../define/print.ts"
import { received } from "../define/describe-value.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Call, Observer, RoomLog, Value } from "../engine/index.ts"
import { thrownOf } from "./thrown.ts"
import { failureWords } from "../encode/failure-words.ts"

/** What a worker tells of its steps, and of the process that they run in. */
export interface WorkerLog extends Omit<Observer, "givenBack">, RoomLog {
  readonly blocked: (milliseconds: number) => void
  /** `draining`: the worker stops, and nothing of the step is decided. */
  readonly overruns: (call: Call, draining: boolean) => void
  readonly overran: (call: Call, milliseconds: number) => void
  /** What a handler lets listen to its signal has thrown. */
  readonly listenerThrew: (call: Call, thrown: unknown) => void
}

/** How many lines that are told once are remembered: strangers could send any number of versions. */
const mostTold = 1_000

/** How much of steps is told, as in `WorkerOptions`. */
export type LogLevel = "steps" | "quiet" | "errors"

/** With `steps`, also the two lines of every step; with `errors`, only those of steps that failed for good. */
export const workerLog = (print: Print, level: LogLevel): WorkerLog => {
  const all = linesOf(print, level === "steps")
  return level === "errors" ? { ...all, ...Object.fromEntries(passing.map(silent)) } : all
}

/** What is told of steps that go on, or are done again. */
const passing = [
  "lost",
  "fenced",
  "blocked",
  "overruns",
  "overran",
  "begunAgain",
  "retried",
  "parked",
  "newer",
  "repaired",
  "left",
  "roomAgain"
] as const satisfies ReadonlyArray<keyof WorkerLog>

const silent = (name: keyof WorkerLog) => [name, (): void => {}] as const

const linesOf = (print: Print, steps: boolean): WorkerLog => {
  const told = new Set<string>()
  const once = (what: string, tell: () => void): void => {
    if (told.has(what) || told.size >= mostTold) return
    told.add(what)
    tell()
  }
  return harmless(print, {
    begun: (call) => {
      if (!steps) return
      const { deliveries } = call.delivery
      const more = deliveries > 1 ? `  delivery ${deliveries}` : ""
      print(`${name(call)}  started${more}`)
    },
    ended: (call, how, milliseconds, value) => {
      if (how !== "Succeeded" && how !== "Cancelled") {
        const took = how === "Expired" ? "" : ` after ${Math.round(milliseconds)} ms`
        print(`${name(call)}  ${words[how]}${took}${because(how, value)}`)
      } else if (steps) print(`${name(call)}  ${words[how]} in ${Math.round(milliseconds)} ms`)
    },
    replaced: (call, milliseconds) => {
      if (steps) print(`${name(call)}  went on as a workflow in ${Math.round(milliseconds)} ms`)
    },
    dead: (call, value) => {
      print(`${name(call)}  is given up${because("Crashed", value)}`)
    },
    lost: (call) => {
      print(
        `${name(call)}  lost to another worker: this one gave no sign of life for longer than the lease; what it still does of this step counts for nothing`
      )
    },
    fenced: (call, instead) => {
      print(
        `${name(call)}  came too late: its outcome had been decided before (it ${words[instead]}), so what this execution ended with counts for nothing`
      )
    },
    blocked: (milliseconds) => {
      print(
        `the event loop was blocked for ${Math.round(milliseconds)} ms: leases cannot be renewed meanwhile, and after 30 s the steps here run elsewhere too. Move the work that blocks into a worker thread or a process.`
      )
    },
    overruns: (call, draining) => {
      const runs = draining
        ? "still runs although the worker stops; its step goes back to the queue and runs again elsewhere"
        : "still runs, although it was told to stop: its outcome is decided, and its slot is taken until it ends"
      print(`${name(call)}  ${runs}. Let its handler stop at step().signal.`)
    },
    overran: (call, milliseconds) => {
      print(
        `${name(call)}  has ended at last, ${Math.round(milliseconds)} ms after it was told to stop: its slot is free again, and what it gave counts for nothing`
      )
    },
    listenerThrew: (call, thrown) => {
      print(
        `${name(call)}  was told to stop, and a listener of its step().signal threw. That changes nothing for the step; mend the listener. It threw ${failureWords("Crashed", JSON.stringify(thrownOf(thrown)))}`
      )
    },
    begunAgain: (call, { count, spared, farewell }) => {
      if (!steps && farewell?.own !== true) return
      const why =
        farewell === undefined
          ? "its worker died without a word, or lost the connection"
          : `its worker ${farewell.worker} ended with: ${farewell.words}`
      const counted = spared === 0 ? "" : ` (${spared} of them for another step)`
      print(`${name(call)}  begins again, after loss ${count}${counted}: ${why}`)
    },
    retried: (call, { as, text }, wait) => {
      const failed = as === "timedOut" ? "timed out" : "failed"
      const words = failureWords(tags[as] ?? "Failed", text)
      print(
        `${name(call)}  attempt ${call.message.attempt} ${failed}, the next begins in ${Math.round(wait)} ms: ${words}`
      )
    },
    parked: ({ message, parts }, { wait, patience }, why) => {
      const { task, fingerprint } = message
      const { queue } = parts
      if (why === undefined) {
        once(`${queue} ${task}`, () =>
          print(
            `${task}: this worker does not serve it; calls of it go back to queue "${queue}" for a worker that does, for ${inWords(patience)} at most (next look in ${wait} ms). If there is none, add it to serve([...]), or start one that serves it, with queues: ["${queue}"].`
          )
        )
      } else {
        once(`${fingerprint} ${task}`, () =>
          print(
            `calls of ${task} come with another version of its contract (${why}) and go back to the queue for a worker that has it (next look in ${wait} ms). If there is none, start one with that version, or mend the contract so that it takes both.`
          )
        )
      }
    },
    newer: (task, what, wait) => {
      once(`newer ${task} ${what}`, () =>
        print(
          `${task === "_" ? "an expansion, or what looks after a run" : task}: ${what}; it goes back to the queue for a worker of a newer release (next look in ${wait} ms). Deploy that release to the workers of this queue.`
        )
      )
    },
    buried: (subject, why) => {
      print(`a message that no worker can read was moved to the dead letters: ${why} (${subject})`)
    },
    repaired: (run) => {
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
const name = ({ run, message }: Call): string =>
  `${runIdOf(run.address)} ${message.task}#${message.step}`

const words = {
  Succeeded: "succeeded",
  Failed: "failed",
  Crashed: "crashed",
  Cancelled: "stopped",
  TimedOut: "timed out",
  Expired: "expired"
} as const

const tags: { readonly [as: string]: string } = { crashed: "Crashed", timedOut: "TimedOut" }

/** A handler that was interrupted in time needs no reason; one that ended too late does. */
const because = (how: string, value: Value): string => {
  if (!("text" in value)) return ""
  if (how === "TimedOut" && !value.text.includes('"took"')) return ""
  return `: ${failureWords(how, value.text)}`
}
