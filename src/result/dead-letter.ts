/** A dead letter: a call that nobody could do, as people and programs read it. */
import type { Json } from "../define/plan.ts"
import type { WaitOptions } from "./wait.ts"

/** A call that nobody could do. */
export interface DeadLetter {
  /** Names it in `read`, `redrive` and `drop`, from any process. */
  readonly id: string
  /** The run it belongs to; `undefined` when it names none. */
  readonly run: string | undefined
  /** Where the call was queued; of a letter that this release cannot read, where the letter stands. */
  readonly subject: string
  /** The name of its task; `undefined` when it is a call of none, or cannot be read. */
  readonly task: string | undefined
  /** Its step; `undefined` when it cannot be read. */
  readonly step: string | undefined
  /** Which attempt it was, from 1; `undefined` when it cannot be read. */
  readonly attempt: number | undefined
  /** The queue it waited in; `undefined` when it cannot be read. */
  readonly queue: string | undefined
  /** Why nobody could do it. */
  readonly reason: string
  /** The worker that gave it up; "" when the letter cannot be read. */
  readonly worker: string
  /** When it was given up. */
  readonly at: Date
  /** How many workers died while they executed it. */
  readonly losses: number
  /** Those of them that are known, and when each began; the first is only where it had gone on with a chain. */
  readonly lost: ReadonlyArray<{ readonly worker: string; readonly began: Date }>
  /** What the last failed attempt before said, for people: what was thrown with its causes, the declared error as JSON, or that it timed out; before that, what its last worker ended with, where it could say so. */
  readonly lastWords: string | undefined
  /** Of the body, in bytes. */
  readonly size: number
  /** Why its run cannot be started again now; `undefined` when it can. */
  readonly obstacle: string | undefined
}

/** A dead letter with what the call was to do. */
export interface OpenedDeadLetter extends DeadLetter {
  /** The arguments of the call as JSON (the input, when it is no call of a task); `undefined` when they cannot be read. */
  readonly arguments: Json | undefined
  /** As it arrived at the worker. */
  readonly body: Uint8Array
}

/** Some of the dead letters, the oldest first. */
export interface DeadLetterPage {
  /** Those of this page. */
  readonly letters: ReadonlyArray<DeadLetter>
  /** Give it as `from` to read on; `undefined` when these were the last. */
  readonly next: string | undefined
}

/** Which dead letters to list. */
export interface DeadLetterQuery extends WaitOptions {
  /** Only those of one task. */
  readonly task?: string
  /** How many at most, 1 to 1000. Default: 100. */
  readonly limit?: number
  /** Where to go on: `next` of the page before. */
  readonly from?: string
}

/** How a dead letter's run is started again. */
export interface RedriveOptions extends WaitOptions {
  /** Where the call is to wait instead: every call of the run that its plan has in the letter's queue goes to this one. Default: the queue it had. */
  readonly queue?: string
}

/** The new run of a dead letter. */
export interface RedrivenRun {
  /** For `attach(id, workflow)`. */
  readonly id: string
  /** Said when the `queue` that was given is one that no worker takes from now; it is also printed, once for each queue. */
  readonly warning?: string
}

/** Dead letters, from any process. */
export interface DeadLetters {
  /** A page of dead letters, the oldest first. */
  list(query?: DeadLetterQuery): Promise<DeadLetterPage>
  /** One dead letter with its arguments and its body. Rejects with `UnknownDeadLetter`. */
  read(id: string, options?: WaitOptions): Promise<OpenedDeadLetter>
  /**
   * Starts its run again, as a new run that takes over every success that the old one had stored; the old one keeps its
   * outcome. All dead letters of the old run are removed: the new one does them all. Twice, or from two processes at
   * once, it is one new run. Its plan is the old one, with its queues, unless `queue` says where the call is served now.
   * Rejects with `UnknownDeadLetter` or `NotRedrivable`, and with `ContractError` for a `queue` that cannot be one.
   */
  redrive(id: string, options?: RedriveOptions): Promise<RedrivenRun>
  /** Removes it for good. Rejects with `UnknownDeadLetter`. */
  drop(id: string, options?: WaitOptions): Promise<void>
}
