/** Takes calls from one lane, never more than there are free slots, and hands each to the worker. */
import type { Broker, Consumption, Delivery, Lane } from "../transport/broker.ts"
import type { LaneHealth } from "./health.ts"
import type { Leases } from "./lease.ts"

/** Works on one call until nothing of it is left to do; calls `free` as soon as its slot can serve another. */
export type Receive = (delivery: Delivery, free: () => void) => Promise<void>

const notTaken = (): void => {}

export class Fetcher {
  readonly #leases: Leases
  readonly #receive: Receive
  readonly #giveBack: (delivery: Delivery) => Promise<void>
  readonly #report: (error: unknown, delivery: Delivery) => void
  #underWay = 0
  #idle: Array<() => void> = []
  #consumption: Consumption | undefined
  #queue = ""
  #slots = 0
  #stopped = false

  constructor(
    leases: Leases,
    receive: Receive,
    giveBack: (delivery: Delivery) => Promise<void>,
    report: (error: unknown, delivery: Delivery) => void
  ) {
    this.#leases = leases
    this.#receive = receive
    this.#giveBack = giveBack
    this.#report = report
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
    const busy = this.#underWay
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
    let taken = true
    const free = (): void => {
      if (!taken) return
      taken = false
      if (!this.#stopped) this.#consumption?.pull(1)
    }
    void this.#work(delivery, this.#receive, free)
  }

  /** Never rejects. */
  async #work(delivery: Delivery, receive: Receive, free = notTaken): Promise<void> {
    this.#underWay += 1
    try {
      await receive(delivery, free)
    } catch (error) {
      this.#report(error, delivery)
    }
    free()
    this.#leases.release(delivery)
    this.#underWay -= 1
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
