/** The handle of a run: the same in the process that started it and in any other that attaches. */
import type { Outcome } from "../define/outcome.ts"
import type { ErrorOf, OutputOf } from "../define/workflow.ts"
import type { WaitOptions } from "./wait.ts"

/**
 * Where a run stands. A name with a capital is its outcome. `unknown`: no trace of it is stored: it was never accepted, or
 * its outcome is no longer kept. `forgotten`: it was accepted, and its outcome is no longer kept. `pending`: no step has ended; of a run of one
 * task that is so until its end. `retrying`: a failed attempt waits for the next. `newer`: it has ended, with an outcome
 * that a newer release of Arpeggio stored and this one cannot read.
 */
export type RunStatus =
  | "unknown"
  | "forgotten"
  | "pending"
  | "running"
  | "retrying"
  | "newer"
  | "Succeeded"
  | "Failed"
  | "Crashed"
  | "Cancelled"
  | "TimedOut"
  | "Expired"

/** A step that has not ended, and for what it waits. */
export interface WaitingStep {
  /** The step, as in logs and in `step().id`. */
  readonly step: string
  /** Of a sleep, and of a group or map that nobody has begun yet: "". */
  readonly task: string
  /** The queue that it waits in, or comes back to; `_` for what any worker begins, and "" for a sleep, which waits in none. */
  readonly queue: string
  /** Which attempt it is, from 1. */
  readonly attempt: number
  /** Since when it waits or runs. */
  readonly since: Date
  /**
   * `worker`: no worker takes from the queue. `task`: the workers that do serve no such task, or another version of it.
   * `slot`: all of their slots are taken, or it is handed out in a moment. `handler`: it runs. `retry`: for the next attempt.
   * `answer`: a worker has taken it and does not say that it runs: it stores the outcome, or has died. `newer`: for a worker
   * of a newer release of Arpeggio, or in a way that only that release knows. `time`: it is delayed, or a sleep, until `until`.
   */
  readonly for: "worker" | "task" | "slot" | "handler" | "retry" | "answer" | "newer" | "time"
  /** Where it runs. */
  readonly worker?: string
  /** When the next attempt begins, a delayed call may begin, or a sleep ends. */
  readonly until?: Date
  /** By when it had to begin, where that is over and nobody is known to have begun it: a worker ends it as `Expired`. */
  readonly expired?: Date
  /** Of the group or map that it is a member of: how many members have ended, which wait for this one. */
  readonly ended?: number
  /** All of that in a sentence. */
  readonly words: string
}

/** Why a run has not ended, as plain data. */
export interface RunDescription {
  /** The id of the run. */
  readonly run: string
  /** Where it stands. */
  readonly status: RunStatus
  /** When somebody asked for it to be cancelled, where no worker has done that yet. */
  readonly cancel?: Date
  /** What is under way, the first stored first; twenty at most. */
  readonly waiting: ReadonlyArray<WaitingStep>
  /** How many steps there are besides. */
  readonly more: number
  /** What matters most, in one sentence. */
  readonly words: string
}

/**
 * A run that was started.
 *
 * @example
 * const run = await app.start(add(4, 2))
 * const answer = await run.result() // 6
 */
export interface Run<out Out, out Err = never> {
  /** Names the run everywhere: pass it on and `attach` to it from another process. */
  readonly id: string
  /**
   * The outcome, as a value; never rejects for what a task did.
   *
   * Rejects with `UnknownRun` or `ResultExpired` when nothing of the run is stored, with `InvalidResult` when what is
   * stored does not fit the workflow given, with `BrokerError` when the connection ends for good, with `StillRunning` when
   * `within` is over, and with the reason of `signal`. Another call waits anew.
   */
  outcome(options?: WaitOptions): Promise<Outcome<Out, Err>>
  /**
   * The output. Rejects with the declared error (an instance of its class; an `Error` with its fields where that is no
   * error), or with `TaskCrashed`, `TaskTimedOut`, `RunTimedOut` or `RunCancelled`; and as `outcome` does.
   */
  result(options?: WaitOptions): Promise<Out>
  /**
   * Where the run stands now, read from the broker. Rejects with `BrokerError`, also when `within` is over; with the reason
   * of `signal`; with `UnknownRun` for what cannot be an id; and with `InvalidResult` for an outcome that nobody can read.
   */
  status(options?: WaitOptions): Promise<RunStatus>
  /**
   * Why the run has not ended: which steps wait, since when, where and for what, or at which worker they run. Workers are
   * asked, which takes half a second where one does not answer. Rejects as `status` does.
   *
   * @example
   * const run = await app.start(add(4, 2).with({ queue: "nobody" }))
   * const { waiting } = await run.describe()
   * const why = waiting[0]?.for // "worker"
   */
  describe(options?: WaitOptions): Promise<RunDescription>
  /**
   * Cancels the run, unless it completes first: members not started never start, running handlers are interrupted. The
   * answer is how the run ended: "Cancelled" when the cancel won, "newer" where a newer release has stored how. What a
   * handler has done outside is not undone.
   *
   * The cancel is stored at once, and then done by a worker, the first that comes where none is there: what is queued
   * never begins. When it resolves, the outcome is stored. Rejects as `outcome` does: with `StillRunning` when `within` is
   * over and the cancel is stored, and with `BrokerError` when it could not be stored.
   */
  cancel(options?: WaitOptions): Promise<RunStatus>
}

/** Which run is looked for, and how long. */
export interface FindQuery extends WaitOptions {
  /** The key that it was started with: `workflow.with({ key })`. */
  readonly key: string
}

/**
 * What became of one start of many: the run, or why there is none. With a `BrokerError` of the reason `Unknown` the answer
 * was lost, and there may be one.
 */
export type Started<Out, Err = never> =
  | { readonly run: Run<Out, Err>; readonly error?: undefined }
  | { readonly run?: undefined; readonly error: Error }

/** What became of the start of each of a list of workflows. */
export type EachStarted<List> = {
  -readonly [K in keyof List]: Started<OutputOf<List[K]>, ErrorOf<List[K]>>
}
