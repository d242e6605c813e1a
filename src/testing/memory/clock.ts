/** The memory server's time: the machine's, or one that only a test moves. */
import { receivedDuration } from "../../define/duration.ts"
import { ContractError } from "../../define/errors.ts"
import { deadlines, type Deadline } from "./timer-heap.ts"

/** The time of a broker in memory, on which timeouts, retries, leases and deadlines depend. */
export interface MemoryClock {
  /** Epoch milliseconds. */
  now(): number
  /**
   * Lets that many milliseconds pass at once; what falls due on the way happens, in order of its time. Throws a
   * `ContractError` for what is no number of them.
   */
  advance(milliseconds: number): void
}

/** The clock as the server's own parts use it. */
export interface Timekeeper extends MemoryClock {
  /** The same time, exactly, and by a clock that only goes on. */
  elapsed(): number
  /** Whether a deadline's turn runs: what falls due then would have had its time to arrive, and arrives at once. */
  readonly moving: boolean
  at(time: number, due: () => void): Deadline
  cancel(deadline: Deadline | undefined): void
}

/** Where a manual clock begins: fixed, so that two runs see the same times. */
export const manualStart: number = Date.UTC(2026, 0, 1)

/** Timers of Node overflow beyond this. */
const longestSleep = 2 ** 31 - 1

export const timekeeper = (mode: "real" | "manual"): Timekeeper => {
  const due = deadlines()
  let skipped = 0
  let frozen = manualStart
  /** While a deadline's turn runs, its own time is the time, never a later one. */
  let held: number | undefined
  let sleep: { readonly timer: NodeJS.Timeout; readonly until: number } | undefined

  /** The machine's own clock may be set at any moment; what falls due here does not hear of that. */
  const began = Date.now() - performance.now()
  const time = (): number => (mode === "manual" ? frozen : began + performance.now() + skipped)
  const elapsed = (): number => held ?? time()

  const fireUntil = (until: number): void => {
    for (let next = due.first; next !== undefined && next.time <= until; next = due.first) {
      due.remove(next)
      held = Math.max(next.time, held ?? 0)
      next.due()
    }
    held = undefined
  }
  const schedule = (): void => {
    if (mode === "manual" || held !== undefined) return
    const next = due.first
    if (next !== undefined && sleep !== undefined && sleep.until <= next.time) return
    if (sleep !== undefined) clearTimeout(sleep.timer)
    sleep = undefined
    if (next === undefined) return
    const timer = setTimeout(
      () => {
        sleep = undefined
        fireUntil(time())
        schedule()
      },
      Math.min(Math.max(Math.ceil(next.time - time()), 0), longestSleep)
    )
    timer.unref()
    sleep = { timer, until: next.time }
  }
  return {
    now: () => Math.floor(elapsed()),
    elapsed,
    get moving() {
      return held !== undefined
    },
    advance: (milliseconds) => {
      if (!Number.isFinite(milliseconds) || milliseconds < 0) {
        const message = `clock.advance takes a number of milliseconds of at least 0, not ${receivedDuration(milliseconds)}`
        throw new ContractError({ task: "", message })
      }
      if (mode === "manual") frozen += milliseconds
      else skipped += milliseconds
      fireUntil(time())
      if (sleep !== undefined) clearTimeout(sleep.timer)
      sleep = undefined
      schedule()
    },
    at: (time, action) => {
      const deadline = due.add(time, action)
      schedule()
      return deadline
    },
    cancel: (deadline) => {
      if (deadline !== undefined) due.remove(deadline)
    }
  }
}
