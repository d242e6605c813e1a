/** Waits for the end of a run no longer than the caller wants to. The run goes on. */
import type { AnyNode } from "../define/plan.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import type { Records, Verdict } from "../engine/index.ts"
import { StillRunning } from "../result/errors.ts"
import type { WaitOptions } from "../result/wait.ts"
import { bounded, recordsUntil } from "./bounded.ts"
import { describeRun } from "./describe-run.ts"
import type { Waiter } from "./waiter.ts"

/** How many runs are looked into at a time: thousands that are late at once must not cost the broker what they wait for. */
const atOnce = 8
let looking = 0

/** What is said of a run that does not end in time: why, where that could be found out before. */
export class Late {
  readonly #records: Records
  readonly #plan: AnyNode | undefined
  #why = ""
  /** Whether all that is left to do of it is to end it. */
  #over = false

  constructor(records: Records, plan: AnyNode | undefined) {
    this.#records = records
    this.#plan = plan
  }

  /** Finds out what the run waits for; nothing depends on it. */
  look(waiter: Waiter, signal: AbortSignal): void {
    if (looking >= atOnce) return
    looking += 1
    describeRun(waiter, recordsUntil(this.#records, signal), this.#plan)
      .then(({ waiting, cancel, words }) => {
        if (waiting.length > 0 || cancel !== undefined) this.#why = `: ${words}`
        const isTooLate =
          waiting.length > 0 && waiting.every(({ expired }) => expired !== undefined)
        this.#over = cancel !== undefined || isTooLate
      })
      .catch(() => {})
      .finally(() => (looking -= 1))
  }

  words(address: RunAddress, time: string): StillRunning {
    const run = runIdOf(address)
    const attach = `attach(${JSON.stringify(run)}, workflow)`
    const next = this.#over
      ? `Nothing more of it begins, and it ends when a worker is there to end it: ${attach} waits for that.`
      : `It goes on: ${attach} waits for it again.`
    const message = `run ${run} did not end within ${time}${this.#why}. ${next}`
    return new StillRunning({ run, message })
  }
}

/** The verdict on a run; who waits no longer is not waited for. */
export const verdictOf = async (
  waiter: Waiter,
  signal: AbortSignal | undefined
): Promise<Verdict> => {
  if (signal === undefined) return waiter.verdict()
  const waiting = waiter.verdict()
  const leave = (): void => waiter.leave(waiting)
  if (signal.aborted) leave()
  else signal.addEventListener("abort", leave, { once: true })
  return waiting
}

/** A run whose end is waited for; its plan, where that is known. */
export interface Awaited {
  readonly waiter: Waiter
  readonly records: Records
  readonly plan: AnyNode | undefined
}

/** What is read from the verdict. */
export const ended = <A>(
  { waiter, records, plan }: Awaited,
  options: WaitOptions,
  read: (verdict: Verdict, records: Records) => A | Promise<A>
): Promise<A> => {
  const late = new Late(records, plan)
  return bounded(
    records.broker,
    options,
    async (signal) => read(await verdictOf(waiter, signal), recordsUntil(records, signal)),
    {
      late: (words) => late.words(waiter.address, words),
      ahead: (signal) => late.look(waiter, signal)
    }
  )
}
