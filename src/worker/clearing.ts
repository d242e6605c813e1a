/** Takes what waits in a queue that nobody serves, the oldest first, and gives it up. */
import type { Engine } from "../engine/context.ts"
import type { Delivery, Lane } from "../transport/broker.ts"
import { Fetcher } from "./fetcher.ts"
import { giveBack } from "./give-back.ts"
import type { Leases } from "./lease.ts"
import type { Pauses } from "./pauses.ts"
import type { Receiver } from "./receiver.ts"

/** How many calls are given up at a time. */
const width = 16

/** When nothing has come for so long, nothing is left, in milliseconds. */
const quiet = 1_000

/** How often others are told meanwhile, in milliseconds. */
const telling = 10_000

export interface ClearingOptions {
  readonly engine: Engine
  readonly leases: Leases
  /** Gives up every call that it is handed. */
  readonly receiver: Receiver
  /** How long a call waits for a worker before it is given up, in milliseconds. */
  readonly patience: number
  readonly pauses: Pauses
  readonly failed: (error: unknown, delivery: Delivery) => Promise<void>
}

export class Clearing {
  readonly #options: ClearingOptions
  /** What is being cleared. */
  #under: { readonly queue: string; readonly fetcher: Fetcher } | undefined
  /** Nothing more is taken from it. */
  #ending = false
  #stopped = false

  constructor(options: ClearingOptions) {
    this.#options = options
  }

  /** Gives up the calls of a lane that have waited for too long; gives how many. `tell` lets the others know, now and then. */
  async clear(lane: Lane, tell: () => void): Promise<number> {
    const { engine, leases, receiver, pauses, failed } = this.#options
    const { broker } = engine
    const { queue } = lane
    let taken = 0
    let given = 0
    const back = (delivery: Delivery): Promise<void> => giveBack(engine, delivery)
    const fetcher = new Fetcher(
      leases,
      async (delivery, slot) => {
        taken += 1
        if (this.#mayGiveUp(delivery)) {
          await receiver.receive(delivery, slot)
          given += 1
          return
        }
        // The queue is served again, or this call has not waited for long enough: nor has what comes behind it.
        this.leave(queue)
        await back(delivery)
      },
      back,
      failed
    )
    this.#under = { queue, fetcher }
    this.#ending = this.#stopped
    tell()
    await fetcher.open(broker, lane, width)
    if (!this.#ending) fetcher.begin()
    let told = broker.elapsed()
    for (let before = -1; before !== taken && !this.#ending;) {
      before = taken
      await pauses.wait(quiet)
      if (broker.elapsed() - told < telling) continue
      told = broker.elapsed()
      tell()
    }
    await fetcher.stop()
    await fetcher.idle()
    tell()
    this.#under = undefined
    return given
  }

  /** Takes nothing more from a queue. */
  leave(queue: string): void {
    if (this.#under?.queue !== queue || this.#ending) return
    this.#ending = true
    void this.#under.fetcher.stop()
  }

  /** Takes nothing more; resolves when nothing is in hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#under === undefined) return
    const { queue, fetcher } = this.#under
    this.leave(queue)
    await fetcher.idle()
  }

  #mayGiveUp({ at }: Delivery): boolean {
    const { engine, patience } = this.#options
    return !this.#ending && at + patience <= engine.broker.now()
  }
}
