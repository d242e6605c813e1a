/** Takes calls from one lane, never more than there are free slots, and hands each to the worker. */
import type { Broker, Consumption, Delivery, Lane } from "../transport/broker.ts"
import type { LaneHealth } from "./health.ts"
import type { Leases } from "./lease.ts"

/** Works on one call until nothing of it is left to do; calls `free` as soon as its handler has ended. */
export type Receive = (delivery: Delivery, free: () => void) => Promise<void>

/**
 * How many calls may wait for their outcomes to be stored besides those that are executed. A slot that waited along would
 * do nothing for the time of a round trip; without a bound, a broker that stores slowly would be sent ever more.
 */
const mostEnding = 256

const notTaken = (): void => {}

export class Fetcher {
  readonly #leases: Leases
  readonly #receive: Receive
  readonly #giveBack: (delivery: Delivery) => Promise<void>
  readonly #failed: (error: unknown, delivery: Delivery) => Promise<void>
  #underWay = 0
  #busy = 0
  /** Slots that are free, but not asked for while too many calls wait for their end. */
  #held = 0
  #idle: Array<() => void> = []
  #consumption: Consumption | undefined
  #queue = ""
  #slots = 0
  #stopped = false

  constructor(
    leases: Leases,
    receive: Receive,
    giveBack: (delivery: Delivery) => Promise<void>,
    failed: (error: unknown, delivery: Delivery) => Promise<void>
  ) {
    this.#leases = leases
    this.#receive = receive
    this.#giveBack = giveBack
    this.#failed = failed
  }

  async start(broker: Broker, lane: Lane, slots: number): Promise<void> {
    this.#queue = lane.queue
    this.#slots = slots
    this.#consumption = await broker.consume(
      lane,
      (delivery) => this.#take(delivery),
      (delivery) => void this.#work(delivery, this.#giveBack)
    )
    this.#consumption.pull(slots)
  }

  health(): LaneHealth {
    const { open, ...more } = this.#consumption?.state() ?? { open: 0, problem: "it has not begun" }
    const busy = this.#busy
    return {
      queue: this.#queue,
      slots: this.#slots,
      busy,
      full: open === 0 && busy > 0,
      ...more
    }
  }

  #take(delivery: Delivery): void {
    this.#leases.hold(delivery)
    this.#busy += 1
    let taken = true
    const free = (): void => {
      if (!taken) return
      taken = false
      this.#busy -= 1
      this.#held += 1
      this.#pull()
    }
    void this.#work(delivery, this.#receive, free)
  }

  #pull(): void {
    if (this.#stopped || this.#held === 0 || this.#underWay > this.#slots + mostEnding) return
    this.#consumption?.pull(this.#held)
    this.#held = 0
  }

  /** Never rejects. */
  async #work(delivery: Delivery, receive: Receive, free = notTaken): Promise<void> {
    this.#underWay += 1
    try {
      await receive(delivery, free)
    } catch (error) {
      await this.#failed(error, delivery)
    }
    free()
    this.#leases.release(delivery)
    this.#underWay -= 1
    this.#pull()
    if (this.#underWay === 0) for (const tell of this.#idle.splice(0)) tell()
  }

  /** Asks for nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#consumption?.stop()
  }

  /** Resolves when nothing taken is left. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) await new Promise<void>((tell) => this.#idle.push(tell))
  }
}
