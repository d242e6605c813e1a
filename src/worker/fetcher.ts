/** Takes calls from one lane, never more than there are free slots, and hands each to the worker. */
import type { Broker, Consumption, Delivery, Lane } from "../broker/broker.ts"
import { systemQueue } from "../encode/subjects.ts"
import type { LaneHealth } from "./health.ts"
import type { Leases } from "./heartbeat.ts"
import type { NoRoom } from "../engine/index.ts"
import { type Slot, Slots } from "./slots.ts"

/** Works on one call until nothing of it is left to do; says to the slot how far it is. */
export type Receive = (delivery: Delivery, slot: Slot) => Promise<void>

/** What a fetcher is opened with. */
export interface FetcherOptions {
  readonly leases: Leases
  readonly noRoom: NoRoom
  readonly receive: Receive
  /** Takes back a call that came although no slot is free. */
  readonly giveBack: (delivery: Delivery) => Promise<void>
  /** Told of a call that could not be worked on. */
  readonly failed: (error: unknown, delivery: Delivery) => Promise<void>
}

export class Fetcher {
  readonly #options: FetcherOptions
  #underWay = 0
  #idle: Array<() => void> = []
  #consumption: Consumption | undefined
  #queue = ""
  #slots: Slots | undefined
  #stopped = false
  /** Free, and not asked for while nothing can be stored. */
  #unasked = 0

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  /** Makes ready to take calls; none comes before `begin`. */
  async open(broker: Broker, lane: Lane, most: number): Promise<void> {
    const { leases, noRoom } = this.#options
    this.#queue = lane.queue
    const slots = new Slots(most, (free) => {
      this.#unasked += free
      this.#ask()
    })
    this.#slots = slots
    // What frees room must find a slot: what waits for room gives its own away.
    const housekeeping = lane.queue === systemQueue
    const taken = new Set<Slot>()
    noRoom.onChange(() => {
      if (!housekeeping) this.#ask()
      else if (noRoom.isShort) for (const slot of taken) slot.executed()
    })
    const housekeep = async (delivery: Delivery, slot: Slot): Promise<void> => {
      taken.add(slot)
      if (noRoom.isShort) slot.executed()
      await this.#options.receive(delivery, slot).finally(() => taken.delete(slot))
    }
    const receive = (delivery: Delivery, slot: Slot): Promise<void> => {
      if (housekeeping) return housekeep(delivery, slot)
      if (!noRoom.isFull) return this.#options.receive(delivery, slot)
      return noRoom.room().then(() => this.#options.receive(delivery, slot))
    }
    this.#consumption = await broker.consume(
      lane,
      (delivery) => {
        leases.hold(delivery)
        const slot = slots.take()
        this.#work(delivery, receive, slot)
      },
      (delivery) => this.#work(delivery, this.#options.giveBack, undefined)
    )
  }

  begin(): void {
    this.#unasked += this.#slots?.most ?? 0
    this.#ask()
  }

  #ask(): void {
    const waits = this.#queue !== systemQueue && this.#options.noRoom.isFull
    if (this.#stopped || waits || this.#unasked === 0) return
    const free = this.#unasked
    this.#unasked = 0
    this.#consumption?.pull(free)
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

  #work<S extends Slot | undefined>(
    delivery: Delivery,
    work: (delivery: Delivery, slot: S) => Promise<void>,
    slot: S
  ): void {
    this.#underWay += 1
    // Whatever happens: a lease that is renewed for ever keeps its call from every other worker.
    const over = (): void => {
      this.#options.leases.release(delivery)
      this.#underWay -= 1
      if (this.#underWay === 0) for (const tell of this.#idle.splice(0)) tell()
      slot?.stored()
    }
    const failed = (error: unknown): void => {
      void this.#options.failed(error, delivery).finally(over)
    }
    try {
      void work(delivery, slot).then(over, failed)
    } catch (error) {
      failed(error)
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
