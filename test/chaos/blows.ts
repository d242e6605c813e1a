/** What happens to the workers and the broker of a storm: kills, stops past the lease, restarts. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Random } from "../../src/testing/memory/random.ts"
import type { Absence, Harm, Stop } from "./ledger.ts"
import type { Worker, WorkerSettings } from "./processes.ts"
import type { Stage } from "./stage.ts"
import { between } from "./workload.ts"

/** Beyond the lease of the storms' workers, in milliseconds. */
const pastTheLease = 2_200

export class Blows implements Harm {
  readonly killed = new Set<number>()
  readonly stops: Array<Stop> = []
  readonly outages: Array<Absence> = []
  /** How workers ended that were told to stop. */
  readonly drains: Array<number | NodeJS.Signals> = []
  readonly #stage: Stage
  readonly #random: Random
  readonly #settings: WorkerSettings
  /** Workers that can be hit: neither stopped nor starting. */
  readonly #up: Array<Worker> = []
  readonly #underWay = new Set<Promise<void>>()

  constructor(stage: Stage, settings: WorkerSettings = {}) {
    this.#stage = stage
    this.#random = stage.random("blows")
    this.#settings = settings
  }

  async startWorkers(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#start()))
  }

  async #start(): Promise<void> {
    this.#up.push(await this.#stage.startWorker(this.#settings))
  }

  /** What goes on in the background ends the storm when it fails. */
  #spawn(work: Promise<void>): void {
    const noted = work.finally(() => this.#underWay.delete(noted))
    this.#underWay.add(noted)
    noted.catch(() => {})
  }

  async #victim(): Promise<Worker> {
    while (this.#up.length === 0) await sleep(5)
    return this.#up.splice(Math.floor(this.#random() * this.#up.length), 1)[0]!
  }

  /** Kills a worker; another takes its place. */
  async kill(): Promise<void> {
    const worker = await this.#victim()
    this.killed.add(worker.pid)
    await this.#stage.kill(worker)
    this.#spawn(this.#start())
  }

  /** Stops a worker for longer than its lease; it goes on as a zombie. */
  async stop(): Promise<void> {
    const worker = await this.#victim()
    const from = Date.now()
    worker.child.kill("SIGSTOP")
    const wake = async (): Promise<void> => {
      await sleep(pastTheLease + between(this.#random, 0, 2_000))
      const to = Date.now()
      worker.child.kill("SIGCONT")
      this.stops.push({ pid: worker.pid, from, to })
      this.#up.push(worker)
    }
    this.#spawn(wake())
  }

  /** Tells a worker to stop, and starts another in its place at the same moment. Resolves when it has ended. */
  async drain(): Promise<void> {
    const worker = await this.#victim()
    worker.child.kill("SIGTERM")
    this.#spawn(this.#start())
    this.drains.push(await worker.ended)
  }

  /** Kills the broker and starts it again on the same port and store. */
  async killBroker(): Promise<void> {
    const { server } = this.#stage
    const from = Date.now()
    server.kill()
    await sleep(between(this.#random, 0, 700))
    await server.restart()
    this.outages.push({ from, to: Date.now() })
  }

  /** Resolves when every worker is back. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  get figures(): Readonly<Record<string, number>> {
    return {
      kills: this.killed.size,
      zombies: this.stops.length,
      brokerKills: this.outages.length
    }
  }
}

/** In random order, by the Fisher–Yates shuffle. */
export const shuffled = <A>(random: Random, ordered: ReadonlyArray<A>): ReadonlyArray<A> => {
  const left = [...ordered]
  for (let at = left.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[left[at], left[other]] = [left[other]!, left[at]!]
  }
  return left
}
