/** What ends this process, as far as it can be known in its last moment: an error that nobody caught, or `process.exit`. */
import { stepHere, type StepContext } from "../define/context.ts"
import { ownFrames } from "../encode/own-frames.ts"
import { failureWords } from "../encode/failure-words.ts"
import { thrownOf } from "./thrown.ts"

/** Why a process ends. */
export interface End {
  /** A sentence for people, with the lines of the program that it came from. */
  readonly words: string
  /** The step in whose code it was, or in what that code has set going; by what this process can tell. */
  readonly by: StepContext | undefined
  /** Whether nothing that was seen contradicts that it was this step. */
  readonly sure: boolean
}

/** An error that nobody caught, and when: a handler for those may have kept the process alive, or end it itself. */
interface Uncaught extends End {
  readonly at: number
}

/** Whoever handles an error that nobody caught, and ends the process after it, does so within this, in milliseconds. */
const soon = 10_000

let watchers = 0
let last: Uncaught | undefined

/** Follows errors that nobody caught; this changes nothing of what becomes of them. */
export const watchEnd = (): (() => void) => {
  if (watchers === 0) process.on("uncaughtExceptionMonitor", hear)
  watchers += 1
  let watching = true
  return () => {
    if (!watching) return
    watching = false
    watchers -= 1
    if (watchers === 0) process.off("uncaughtExceptionMonitor", hear)
  }
}

const hear = (thrown: unknown, origin: string): void => {
  const how =
    origin === "unhandledRejection"
      ? "a promise that nobody awaited was rejected"
      : "an error that nobody caught"
  const at = performance.now()
  const by = stepHere()
  // Of two errors nobody can tell which ends the process.
  const sure = by !== undefined && (recent(at) === undefined || isSameStep(last?.by, by))
  last = { at, by, sure, words: `${how}: ${wordsOf(thrown)}` }
}

const recent = (now: number): Uncaught | undefined =>
  last !== undefined && now - last.at < soon ? last : undefined

/** Whether both are executions of one step: a process may have two, when it was taken for dead over the first. */
export const isSameStep = (one: StepContext | undefined, other: StepContext | undefined): boolean =>
  one !== undefined && other !== undefined && one.run === other.run && one.id === other.id

const wordsOf = (thrown: unknown): string => {
  try {
    return failureWords("Crashed", JSON.stringify(thrownOf(thrown)))
  } catch {
    return "something that cannot be put into words"
  }
}

/** Called while the process ends, in the code that ends it. */
export const endOf = (code: number | string | undefined): End => {
  const asked: { stack?: string } = {}
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 30
  Error.captureStackTrace(asked, endOf)
  Error.stackTraceLimit = stackTraceLimit
  const lines = asked.stack!.split("\n")
  const exit = lines.findIndex((line) => /\bprocess\.(?:reallyExit|exit)\b/.test(line))
  const frames = exit < 0 ? [] : ownFrames(lines.slice(exit + 1))
  const how = exit < 0 ? "it ended" : "process.exit was called"
  const words = [`${how}, exit code ${code ?? 0}`, ...frames.slice(0, 8)].join("\n")
  const error = recent(performance.now())
  const here = exit < 0 ? undefined : stepHere()
  if (error === undefined) return { words, by: here, sure: here !== undefined }
  if (exit < 0) return error
  const { by } = error
  // Who handles errors nobody caught may end the process from anywhere; another step's own code is another matter.
  const sure = error.sure && (here === undefined || isSameStep(here, by))
  return { words: `${error.words}\nthen ${words}`, by, sure }
}
