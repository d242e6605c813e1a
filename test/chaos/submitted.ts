/** Every run that a storm started: what it should give, and what it gave. */
import { setTimeout as sleep } from "node:timers/promises"
import type { App, Run } from "arpeggio"
import type { Job } from "./workload.ts"

export interface Watched {
  readonly job: Job
  readonly run: Run<number>
  readonly began: number
  ended?: number
  result?: unknown
  error?: unknown
}

/** Its own result, or an error in which it may end. */
const isRight = ({ ended, job, result, error }: Watched): boolean =>
  ended !== undefined &&
  (error === undefined ? result === job.expected : job.mayFail?.test(String(error)) === true)

export class Submitted {
  readonly all: Array<Watched> = []
  #lastEnd = 0
  #stall = 0
  #underWay = 0
  readonly #starting = new Set<Job>()

  /** Why starts were refused: nothing was promised for them. */
  readonly refused: Array<string> = []

  /** Starts a run and waits for its result. Resolves then, whatever it is. */
  async submit(app: App, job: Job): Promise<void> {
    this.#starting.add(job)
    const run = await app.start(job.workflow).catch((cause: unknown) => {
      this.refused.push(String(cause))
    })
    this.#starting.delete(job)
    if (run !== undefined) await this.watch(run, job)
  }

  /** Resolves when the run has its result. */
  async watch(run: Run<number>, job: Job): Promise<void> {
    const watched: Watched = { job, run, began: Date.now() }
    this.all.push(watched)
    if (this.#underWay++ === 0) this.#lastEnd = Date.now()
    try {
      watched.result = await run.result()
    } catch (cause) {
      watched.error = cause
    }
    watched.ended = Date.now()
    this.#underWay--
    this.#stall = Math.max(this.#stall, watched.ended - this.#lastEnd)
    this.#lastEnd = watched.ended
  }

  /** How many runs have not ended, of one kind or of all, those that are being started among them. */
  underWay(what?: string): number {
    const waiting = this.all.filter(({ ended }) => ended === undefined).map(({ job }) => job)
    return [...this.#starting, ...waiting].filter((job) => what === undefined || job.what === what)
      .length
  }

  /** Resolves when no run of that kind is under way. */
  async ended(what: string): Promise<void> {
    while (this.underWay(what) > 0) await sleep(100)
  }

  get tasks(): number {
    return this.all.reduce((sum, { job }) => sum + job.tasks, 0)
  }

  /** The longest time in which no run ended although some were under way, in seconds. */
  get longestStall(): number {
    return this.#stall / 1_000
  }

  /** The run that took the longest. */
  get slowest(): { readonly seconds: number; readonly run: string } {
    let slowest = { seconds: 0, run: "" }
    for (const { began, ended = Date.now(), job, run } of this.all) {
      const seconds = (ended - began) / 1_000
      if (seconds > slowest.seconds) slowest = { seconds, run: `${job.what} ${run.id}` }
    }
    return slowest
  }

  /** Runs without their right result. */
  unfinished(): ReadonlyArray<{ readonly id: string; readonly what: string }> {
    return this.all
      .filter((one) => !isRight(one))
      .map(({ run, job, ended, result, error }) => {
        const got = ended === undefined ? "nothing" : String(error ?? result)
        return { id: run.id, what: `a ${job.what}: expected ${job.expected}, got ${got}` }
      })
  }
}
