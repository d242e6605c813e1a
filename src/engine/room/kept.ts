/** What waits for room: the smallest is tried now and then, and what fits is stored, ever more at a time. */
import type { Broker, Published } from "../../broker/broker.ts"
import { BrokerError } from "../../broker/errors.ts"

/** Between two tries, in milliseconds: from the first up to the longest. */
const shortest = 100
const longest = 5_000

/** Stored at a time at most. */
const widest = 64

interface Waiting {
  readonly bytes: number
  readonly why: BrokerError
  readonly store: () => Promise<Published>
  readonly resolve: (published: Published) => void
  readonly reject: (cause: unknown) => void
}

export class Kept {
  readonly #clock: Pick<Broker, "after">
  readonly #changed: () => void
  #waiting: Array<Waiting> = []
  /** Those that are being tried, the smallest first. */
  #tried: ReadonlyArray<Waiting> = []
  #pause = shortest
  #cancel: (() => void) | undefined
  /** Nothing is kept any longer. */
  #over = false

  /** `changed` is called whenever something else waits than before. */
  constructor(clock: Pick<Broker, "after">, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  get size(): number {
    return this.#waiting.length + this.#tried.length
  }

  /** Of what waits, in bytes. */
  get smallest(): number {
    return Math.min(this.#waiting[0]?.bytes ?? Infinity, this.#tried[0]?.bytes ?? Infinity)
  }

  /** Resolves when it is stored; rejects with what else becomes of it. */
  keep(bytes: number, why: BrokerError, store: () => Promise<Published>): Promise<Published> {
    return new Promise((resolve, reject) => {
      putBySize(this.#waiting, { bytes, why, store, resolve, reject })
      this.#changed()
      this.#later()
    })
  }

  giveUp(): void {
    this.#over = true
    this.#cancel?.()
    this.#cancel = undefined
    for (const { reject, why } of this.#waiting.splice(0)) reject(why)
    this.#changed()
  }

  #later(): void {
    if (this.#cancel !== undefined || this.#tried.length > 0) return
    const spread = 0.75 + Math.random() / 2
    this.#cancel = this.#clock.after(this.#pause * spread, () => {
      this.#cancel = undefined
      void this.#try()
    })
    this.#pause = Math.min(this.#pause * 2, longest)
  }

  async #try(): Promise<void> {
    for (let width = 1; this.#waiting.length > 0; width = Math.min(width * 2, widest)) {
      const some = this.#waiting.splice(0, width)
      this.#tried = some
      const refused = (await Promise.all(some.map(tried))).flat()
      this.#tried = []
      for (const one of refused.toReversed()) {
        if (this.#over) one.reject(one.why)
        else this.#waiting.unshift(one)
      }
      if (refused.length < some.length) this.#pause = shortest
      if (refused.length > 0) break
    }
    this.#changed()
    if (this.size > 0) this.#later()
  }
}

/** In the order of size: where the smallest finds no room, no other does; those of one size in the order they came. */
const putBySize = (all: Array<Waiting>, one: Waiting): void => {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (all[middle]!.bytes <= one.bytes) low = middle + 1
    else high = middle
  }
  all.splice(low, 0, one)
}

/** Itself, when it still finds no room. */
const tried = async (one: Waiting): Promise<ReadonlyArray<Waiting>> => {
  try {
    one.resolve(await one.store())
  } catch (cause) {
    if (cause instanceof BrokerError && cause.reason === "Full") return [one]
    one.reject(cause)
  }
  return []
}
