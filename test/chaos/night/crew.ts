/** The workers of the storm `night`: whoever ends is replaced, and what became of each is written down. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Harm, Stop } from "../ledger.ts"
import type { Worker } from "../processes.ts"
import type { Stage } from "../stage.ts"

/** Of the workers, in milliseconds. */
export const grace = 4_000

/** How much longer than its grace a worker may take to end, in milliseconds. */
const afterGrace = 2_000

/** After that a worker that was told to stop is killed. */
const stuck = 20_000

export class Crew implements Harm {
  /** Ended without having been told to. */
  readonly killed = new Set<number>()
  /** From the signal to the end: what is given back then begins elsewhere. */
  readonly stops: Array<Stop> = []
  readonly outages: Array<{ readonly from: number; readonly to: number }> = []
  /** When the account was full: such a time is an outage, too. */
  readonly full: Array<{ readonly from: number; readonly to: number }> = []
  /** Workers that took too long to stop, in words. */
  readonly late: Array<string> = []
  slowestDrain = 0
  readonly #stage: Stage
  readonly #told = new Map<number, number>()
  readonly #up: Array<Worker | undefined> = []
  readonly #loops: Array<Promise<void>> = []
  #queue: string
  #over = false

  constructor(stage: Stage, queue: string) {
    this.#stage = stage
    this.#queue = queue
  }

  /** Where the moving task is served. */
  get queue(): string {
    return this.#queue
  }

  /** Resolves when so many workers are up; they are replaced until `end`. */
  async keep(count: number): Promise<void> {
    for (let at = 0; at < count; at++) this.#loops.push(this.#keepOne(at))
    await this.up(count)
  }

  /** Resolves when so many work. */
  async up(count: number): Promise<void> {
    while (this.#up.filter((one) => one !== undefined).length < count) await sleep(20)
  }

  async #keepOne(at: number): Promise<void> {
    while (!this.#over) {
      const worker = await this.start({
        QUEUE: this.#queue,
        ...(at % 2 === 0 ? { SERVE: "1" } : {})
      })
      this.#up[at] = worker
      await worker.ended
      this.#up[at] = undefined
    }
  }

  /** A worker that is not replaced. */
  async start(settings: { readonly QUEUE: string; readonly SERVE?: string }): Promise<Worker> {
    const worker = await this.#stage.startWorker({ GRACE: String(grace), ...settings })
    void worker.ended.then(() => {
      const from = this.#told.get(worker.pid)
      if (from === undefined) this.killed.add(worker.pid)
      else this.stops.push({ pid: worker.pid, from, to: Date.now() })
      return undefined
    })
    return worker
  }

  /** Some that work, of both kinds. */
  some(count: number): ReadonlyArray<Worker> {
    return this.#up.filter((one) => one !== undefined).slice(0, count)
  }

  /** Tells a worker to stop, and sees that it ends in time. */
  async stop(worker: Worker, circumstances: string): Promise<void> {
    const from = Date.now()
    this.#told.set(worker.pid, from)
    worker.child.kill("SIGTERM")
    const ended = await Promise.race([
      worker.ended,
      sleep(stuck, "nothing" as const, { ref: false })
    ])
    if (ended === "nothing") worker.child.kill("SIGKILL")
    const took = Date.now() - from
    this.slowestDrain = Math.max(this.slowestDrain, took)
    if (ended === "nothing" || took > grace + afterGrace)
      this.late.push(`a worker that was told to stop ${circumstances} took ${took} ms`)
  }

  /** A deploy: every worker is told to stop, and those that follow serve the moving task on that queue. */
  async deploy(queue: string): Promise<void> {
    const before = this.some(Infinity)
    this.#queue = queue
    await Promise.all(before.map((worker) => this.stop(worker, "by a deploy")))
    await this.up(before.length)
  }

  /** Replaces nobody any more. */
  end(): void {
    this.#over = true
  }
}
