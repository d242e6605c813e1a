/** Takes what has waited for too long in a queue that nobody serves, the oldest first, and gives it up. */
import { laneFilter } from "../encode/subjects.ts"
import type { Engine } from "../engine/index.ts"
import type { Consumption, Delivery, Lane, Stored } from "../broker/broker.ts"
import type { Leases } from "./heartbeat.ts"
import type { Pauses } from "./pauses.ts"

/** How many calls are given up at a time. */
const width = 64

/** When nothing has come for so long, somebody else has what was asked for, in milliseconds. */
const quiet = 1_000

/** How often it is looked whether all that was asked for is done, in milliseconds. */
const beat = 50

/** How often others are told meanwhile, in milliseconds. */
const telling = 10_000

export interface ClearingOptions {
  readonly engine: Engine
  readonly leases: Leases
  /** How long a call waits for a worker before it is given up, in milliseconds. */
  readonly patience: number
  readonly pauses: Pauses
  readonly failed: (error: unknown, delivery: Delivery) => Promise<void>
}

/** A queue that is cleared, and what is asked for from it, once its consumer is known. */
interface Under {
  readonly queue: string
  consumption: Consumption | undefined
}

export class Clearing {
  readonly #options: ClearingOptions
  /** What is being cleared. */
  #under: Under | undefined
  /** Nothing more is taken from it. */
  #ending = false
  #stopped = false
  /** Calls in hand. */
  #held = 0
  #idle: Array<() => void> = []

  constructor(options: ClearingOptions) {
    this.#options = options
  }

  /** Gives up the calls of a lane that have waited for too long; gives how many. `tell` lets the others know, now and then. */
  async clear(lane: Lane, tell: () => void): Promise<number> {
    const { engine } = this.#options
    const { broker } = engine
    const { queue } = lane
    /** By where and when they were stored. */
    const done = new Set<string>()
    let given = 0
    const back = (delivery: Delivery): void => this.#hold(delivery, () => engine.giveBack(delivery))
    const deliver = (delivery: Delivery): void =>
      this.#hold(delivery, async () => {
        done.add(nameOf(delivery))
        if (this.#mayGiveUp(delivery)) {
          await engine.giveUp(delivery)
          given += 1
          return
        }
        // The queue is served again, or somebody else had what was asked for, and this call has not waited for long enough.
        this.leave(queue)
        await engine.giveBack(delivery)
      })
    // First: whoever serves the queue may say so while its consumer is asked for.
    const under: Under = { queue, consumption: undefined }
    this.#under = under
    this.#ending = this.#stopped
    tell()
    const consumption = await broker.consume(lane, deliver, back).catch((cause: unknown) => {
      this.#under = undefined
      throw cause
    })
    under.consumption = consumption
    try {
      await this.#takeAll(lane, consumption, done, tell)
    } finally {
      await consumption.stop()
      await this.#letGo()
      tell()
      this.#under = undefined
    }
    return given
  }

  /** Asks for what is old enough, again and again, until nothing is, or somebody else has it. */
  async #takeAll(
    lane: Lane,
    consumption: Consumption,
    done: ReadonlySet<string>,
    tell: () => void
  ): Promise<void> {
    const { engine, pauses } = this.#options
    const { broker, room } = engine
    const filter = laneFilter(broker.facts.namespace, lane.queue, lane.level)
    let told = broker.elapsed()
    // Dead letters take room that outcomes may wait for.
    while (!this.#ending && !room.isShort) {
      const page = await broker.page(filter, width)
      const isOld = (call: Stored): boolean => this.#mayGiveUp(call) && !done.has(nameOf(call))
      const old = page.records.filter(isOld).length
      if (old === 0) return
      const wanted = done.size + old
      consumption.pull(old)
      for (let waited = 0; waited < quiet && !this.#ending; waited += beat) {
        const before = done.size
        if (before >= wanted && this.#held === 0) break
        await pauses.wait(beat)
        if (done.size > before || this.#held > 0) waited = 0
      }
      if (done.size < wanted) return
      if (broker.elapsed() - told < telling) continue
      told = broker.elapsed()
      tell()
    }
  }

  /** Takes nothing more from a queue. */
  leave(queue: string): void {
    if (this.#under?.queue !== queue || this.#ending) return
    this.#ending = true
    void this.#under.consumption?.stop()
  }

  /** Takes nothing more; resolves when nothing is in hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#under === undefined) return
    const { queue, consumption } = this.#under
    this.leave(queue)
    await consumption?.stop()
    await this.#letGo()
  }

  #mayGiveUp({ at }: { readonly at: number }): boolean {
    const { engine, patience } = this.#options
    return !this.#ending && at + patience <= engine.broker.now()
  }

  /** Keeps the lease of a call while something is done with it. */
  #hold(delivery: Delivery, work: () => Promise<void>): void {
    const { leases, failed } = this.#options
    leases.hold(delivery)
    this.#held += 1
    void work()
      .catch((error: unknown) => failed(error, delivery))
      .finally(() => {
        leases.release(delivery)
        this.#held -= 1
        if (this.#held === 0) for (const tell of this.#idle.splice(0)) tell()
      })
  }

  async #letGo(): Promise<void> {
    while (this.#held > 0) await new Promise<void>((tell) => this.#idle.push(tell))
  }
}

const nameOf = ({ subject, at }: { readonly subject: string; readonly at: number }): string =>
  `${subject} ${at}`
