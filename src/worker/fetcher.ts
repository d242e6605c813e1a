/** Takes calls from one lane, never more than there are free slots, and hands each to the worker. */
import type { Broker, Consumption, Delivery, Lane } from "../transport/broker.ts"
import type { LaneHealth } from "./health.ts"
import type { Leases } from "./lease.ts"
import { type Slot, Slots } from "./slots.ts"

/** Works on one call until nothing of it is left to do; says to the slot how far it is. */
export type Receive = (delivery: Delivery, slot: Slot) => Promise<void>

export class Fetcher {
  readonly #leases: Leases
  readonly #receive: Receive
  readonly #giveBack: (delivery: Delivery) => Promise<void>
  readonly #failed: (error: unknown, delivery: Delivery) => Promise<void>
  #underWay = 0
  #idle: Array<() => void> = []
  #consumption: Consumption | undefined
  #queue = ""
  #slots: Slots | undefined
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

  /** Makes ready to take calls; none comes before `begin`. */
  async open(broker: Broker, lane: Lane, most: number): Promise<void> {
    this.#queue = lane.queue
    const slots = new Slots(most, (free) => {
      if (!this.#stopped) this.#consumption?.pull(free)
    })
    this.#slots = slots
    this.#consumption = await broker.consume(
      lane,
      (delivery) => {
        this.#leases.hold(delivery)
        const slot = slots.take()
        void this.#work(delivery, () => this.#receive(delivery, slot), slot)
      },
      (delivery) => void this.#work(delivery, () => this.#giveBack(delivery))
    )
  }

  begin(): void {
    if (!this.#stopped && this.#slots !== undefined) this.#consumption?.pull(this.#slots.most)
  }

  health(): LaneHealth {
    const { open, ...more } = this.#consumption?.state() ?? { open: 0, problem: "it has not begun" }
    const { most = 0, executing = 0, overrunning = [] } = this.#slots ?? {}
    const stuck = overrunning.length > 0 && overrunning.length >= most
    return {
      queue: this.#queue,
      slots: most,
      busy: executing,
      overrunning: overrunning.length,
      full: open === 0 && executing > 0,
      ...(stuck ? { problem: allHeld(most, overrunning) } : {}),
      ...more
    }
  }

  /** Never rejects. */
  async #work(delivery: Delivery, work: () => Promise<void>, slot?: Slot): Promise<void> {
    this.#underWay += 1
    try {
      await work()
    } catch (error) {
      await this.#failed(error, delivery)
    } finally {
      // Whatever happened above: a lease that is renewed for ever keeps its call from every other worker.
      this.#leases.release(delivery)
      this.#underWay -= 1
      if (this.#underWay === 0) for (const tell of this.#idle.splice(0)) tell()
      slot?.stored()
    }
  }

  /** Asks for nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true
    // In this turn already: whoever ends the process has no other.
    await this.#consumption?.stop()
  }

  /** Resolves when nothing taken is left. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) await new Promise<void>((tell) => this.#idle.push(tell))
  }
}

const allHeld = (slots: number, tasks: ReadonlyArray<string>): string => {
  const names = [...new Set(tasks)]
  const some = names.slice(0, 5).join(", ")
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ""
  return `all ${slots} slots are held by handlers that were told to stop and go on (${some}${more}). Let them stop at step().signal, or restart the worker`
}
