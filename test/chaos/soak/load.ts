/** Keeps runs coming at a pace, and of each only until it has ended: what counts afterwards are numbers. */
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { App, Outcome, Run } from "arpeggio"
import type { Random } from "../../../src/testing/memory/random.ts"
import { between } from "../workload.ts"
import { soakJob, wrongWith, type Kind, type SoakJob } from "./jobs.ts"

/** Runs a second; or as many as go while so many are under way. */
export type Pace = { readonly perSecond: number } | { readonly atOnce: number }

export interface Counts {
  readonly started: number
  readonly ended: number
  readonly refused: number
  /** Not started at their time, because too many were under way: while the broker is away, for example. */
  readonly heldBack: number
  readonly wrong: number
  /** Ended, but after more than `inTime`. */
  readonly late: number
  readonly rereads: number
  readonly slowest: number
  readonly kinds: Readonly<Partial<Record<Kind, number>>>
}

export interface Unfinished {
  readonly id: string
  readonly what: string
  readonly seconds: number
}

/** A run that takes longer would be a finding, in milliseconds: the longest harm lasts five seconds. */
export const inTime = 60_000

const mostUnderWay = 2_000
const tick = 10
/** One in so many outcomes is read again later, from the stream, as another process would. */
const rereadOneIn = 100

export class Load {
  readonly #app: App
  readonly #random: Random
  readonly #hooked: string
  readonly #underWay = new Map<number, { id: string; what: Kind; began: number }>()
  readonly #counts = {
    started: 0,
    ended: 0,
    refused: 0,
    heldBack: 0,
    wrong: 0,
    late: 0,
    rereads: 0,
    slowest: 0
  }
  readonly #kinds: Partial<Record<Kind, number>> = {}
  /** The first of them. */
  readonly complaints: Array<string> = []
  #pace: Pace = { perSecond: 0 }
  #since = 0
  #begun = 0
  #number = 0

  /** `hooked` is the file that gets the ids of succeeded runs with a callback. */
  constructor(app: App, random: Random, hooked: string) {
    this.#app = app
    this.#random = random
    this.#hooked = hooked
    setInterval(() => this.#keepPace(), tick)
  }

  set pace(pace: Pace) {
    this.#pace = pace
    this.#since = Date.now()
    this.#begun = 0
  }

  get counts(): Counts {
    return { ...this.#counts, kinds: this.#kinds }
  }

  get unfinished(): ReadonlyArray<Unfinished> {
    return [...this.#underWay.values()].map(({ id, what, began }) => ({
      id,
      what,
      seconds: (Date.now() - began) / 1_000
    }))
  }

  #keepPace(): void {
    if ("atOnce" in this.#pace) {
      while (this.#underWay.size < this.#pace.atOnce) void this.#play()
      return
    }
    const due = Math.floor(((Date.now() - this.#since) / 1_000) * this.#pace.perSecond)
    for (; this.#begun < due; this.#begun++) {
      if (this.#underWay.size < mostUnderWay) void this.#play()
      else this.#counts.heldBack++
    }
  }

  async #play(): Promise<void> {
    const number = this.#number++
    const job = soakJob(this.#random, number)
    const watched = { id: "", what: job.kind, began: Date.now() }
    this.#underWay.set(number, watched)
    try {
      const run = await this.#start(job)
      if (run === undefined) return
      watched.id = run.id
      const outcome = await this.#end(job, run)
      this.#counts.ended++
      this.#kinds[job.kind] = (this.#kinds[job.kind] ?? 0) + 1
      const took = Date.now() - watched.began
      this.#counts.slowest = Math.max(this.#counts.slowest, took / 1_000)
      if (took > inTime) this.#counts.late++
      const wrong = wrongWith(job, outcome)
      if (wrong !== undefined) this.#complain(`${run.id}: ${wrong}`)
      if (job.kind === "hooked") appendFileSync(this.#hooked, `${run.id}\n`)
      if (number % rereadOneIn === 0) void this.#reread(run.id, job, outcome)
    } catch (cause) {
      this.#complain(`${watched.id}, a ${job.kind}: ${String(cause)}`)
    } finally {
      this.#underWay.delete(number)
    }
  }

  async #start({ kind, workflow, again }: SoakJob): Promise<Run<number> | undefined> {
    const starting = [this.#app.start(workflow)]
    if (again === "at once") starting.push(this.#app.start(workflow))
    const tried = await Promise.allSettled(starting)
    const runs = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    for (const one of tried) {
      if (one.status === "fulfilled") continue
      this.#counts.refused++
      process.stderr.write(`a start was refused: ${String(one.reason)}\n`)
    }
    if (runs.length > 0) this.#counts.started++
    if (new Set(runs.map(({ id }) => id)).size > 1) {
      this.#complain(`a ${kind} became ${runs.map(({ id }) => id).join(" and ")}`)
    }
    return runs[0]
  }

  async #end(job: SoakJob, run: Run<number>): Promise<Outcome<number>> {
    const { workflow, cancelAfter } = job
    if (job.kind === "detached") {
      // Nobody listens for it: the handle is dropped, and it is asked for later by its id.
      const { id } = run
      await sleep(between(this.#random, 1_000, 5_000))
      return this.#app.attach(id, workflow).outcome()
    }
    if (cancelAfter !== undefined) {
      await sleep(cancelAfter)
      const [told, outcome] = await Promise.all([run.cancel(), run.outcome()])
      if (told !== outcome._tag)
        this.#complain(`${run.id}: cancel said ${told}, but ${outcome._tag}`)
      return outcome
    }
    const outcome = await run.outcome()
    if (job.again === "later") {
      const other = await this.#app.start(workflow)
      if (other.id !== run.id) this.#complain(`its key gave ${other.id} after ${run.id}`)
    }
    return outcome
  }

  async #reread(id: string, { workflow }: SoakJob, outcome: Outcome<number>): Promise<void> {
    await sleep(between(this.#random, 5_000, 30_000))
    const again = await this.#app.attach(id, workflow).outcome().catch(String)
    this.#counts.rereads++
    if (JSON.stringify(again) !== JSON.stringify(outcome)) {
      this.#complain(`${id}: read again as ${JSON.stringify(again)}`)
    }
  }

  #complain(words: string): void {
    this.#counts.wrong++
    if (this.complaints.length < 10) this.complaints.push(words.slice(0, 500))
  }
}
