/** Who hears of every change of a step: the log, the counters, whatever else wants to know. Nothing depends on them, and they do not throw. */
import type { OutcomeMessage } from "../encode/message.ts"
import type { Call } from "./call/job.ts"
import type { Value } from "./value.ts"

/** An attempt that another follows. */
export interface FailedAttempt {
  readonly as: string
  /** JSON. */
  readonly text: string
}

/** How often workers were lost with a step, and what the last of them said. */
export interface LossesSoFar {
  readonly count: number
  /** Those for which another step was named that ran beside. */
  readonly spared: number
  /** `own`: this step is what ended its worker. */
  readonly farewell?: { readonly worker: string; readonly words: string; readonly own: boolean }
}

/** A call that was put back for another worker. */
export interface PutBack {
  /** When it was put back first: epoch milliseconds, broker clock. */
  readonly since: number
  /** After how long it comes again, in milliseconds. */
  readonly wait: number
  /** For how long it is put back, in milliseconds. */
  readonly patience: number
}

export interface Observer {
  /** Its handler is called next. */
  readonly begun: (call: Call) => void
  /** Its outcome is stored, this execution's or another's; `milliseconds`, from the beginning of the execution that counts. */
  readonly ended: (
    call: Call,
    how: OutcomeMessage["tag"],
    milliseconds: number,
    value: Value
  ) => void
  /** Its handler has returned a workflow, which takes its place. */
  readonly replaced: (call: Call, milliseconds: number) => void
  /** An attempt has failed, and the next begins after `wait` milliseconds. */
  readonly retried: (call: Call, failure: FailedAttempt, wait: number) => void
  /** It waits for a worker that serves its task; with `why`, for one whose version of the contract it fits. */
  readonly parked: (call: Call, left: PutBack, why?: string) => void
  /** Something of a newer release, of this task, waits for a newer worker. */
  readonly newer: (task: string, what: string, wait: number) => void
  /** It is back in its queue: this worker stops, or has no room to begin it. */
  readonly givenBack: (subject: string) => void
  /** Another worker executes it, because this one gave no sign of life. */
  readonly lost: (call: Call) => void
  /** It begins again after workers were lost with it. */
  readonly begunAgain: (call: Call, losses: LossesSoFar) => void
  /** What this execution gave counts for nothing: another outcome had been stored. */
  readonly fenced: (call: Call, instead: OutcomeMessage["tag"]) => void
  /** It is a dead letter, its outcome a crash, and nobody executes it any more. */
  readonly dead: (call: Call, value: Value) => void
  /** A message that nobody can read is a dead letter. */
  readonly buried: (subject: string, why: string) => void
  /** It could not be handled, and is handed out again. */
  readonly left: (subject: string, cause: unknown) => void
  /** A run that had come to stand still was begun again. */
  readonly repaired: (run: string) => void
}

/** All of them as one, in their order. */
export const observers = (...all: ReadonlyArray<Partial<Observer>>): Observer => ({
  begun: heardBy(all.map(({ begun }) => begun)),
  ended: heardBy(all.map(({ ended }) => ended)),
  replaced: heardBy(all.map(({ replaced }) => replaced)),
  retried: heardBy(all.map(({ retried }) => retried)),
  parked: heardBy(all.map(({ parked }) => parked)),
  newer: heardBy(all.map(({ newer }) => newer)),
  givenBack: heardBy(all.map(({ givenBack }) => givenBack)),
  lost: heardBy(all.map(({ lost }) => lost)),
  begunAgain: heardBy(all.map(({ begunAgain }) => begunAgain)),
  fenced: heardBy(all.map(({ fenced }) => fenced)),
  dead: heardBy(all.map(({ dead }) => dead)),
  buried: heardBy(all.map(({ buried }) => buried)),
  left: heardBy(all.map(({ left }) => left)),
  repaired: heardBy(all.map(({ repaired }) => repaired))
})

/** What only one of them hears of costs no more than that. */
const heardBy = <A extends ReadonlyArray<unknown>>(
  all: ReadonlyArray<((...about: A) => void) | undefined>
): ((...about: A) => void) => {
  const hearing = all.filter((hear) => hear !== undefined)
  if (hearing.length === 1) return hearing[0]!
  return (...about) => {
    for (const hear of hearing) hear(...about)
  }
}
