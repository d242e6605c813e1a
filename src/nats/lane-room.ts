/** How many bytes the next request of a lane may bring. */
import type { Flow } from "./flow.ts"
import type { Pull } from "./pull.ts"
import type { Waiting } from "./window.ts"

/** A request for less is not worth it, in bytes, unless the lane's share is small: nearly every call fits. */
const least = 512 * 1024

/** Requests of one lane that may be out at once although its share is small. */
const atOnce = 4

/** What is asked for when a call is larger than a request of the lane, in bytes; more each time that it is larger still. */
const firstAlone = 1024 * 1024
const growth = 8
const largestAlone = 128 * 1024 * 1024

/** What a request may bring; `alone` ones are for what is there now, beyond the lane's share. */
export interface Room {
  readonly bytes: number
  readonly alone: boolean
}

/**
 * Every lane has its share of what the connection may have on its way, and a request for half of what is left of it: so
 * there is always something left for another.
 *
 * A call that is larger than such a request ends it. Then one request, beyond the share, asks for what is there, once the
 * connection's window for what is read has room for it.
 */
export class LaneRoom {
  readonly #flow: Flow
  readonly #pulls: ReadonlySet<Pull>
  readonly #entered: () => void
  #waiting: Waiting | undefined
  /** Taken of the window, and not asked for yet. */
  #granted = 0
  #alone: { readonly pull: Pull; readonly bytes: number } | undefined

  /** `entered` is called when there is room that had to be waited for. */
  constructor(flow: Flow, pulls: ReadonlySet<Pull>, entered: () => void) {
    this.#flow = flow
    this.#pulls = pulls
    this.#entered = entered
    flow.calls.join(this)
  }

  get arriving(): number {
    let sum = 0
    for (const { arriving } of this.#pulls) sum += arriving
    return sum
  }

  /** For the next request; nothing when it has to wait. */
  next(): Room | undefined {
    if (this.#granted > 0) return { bytes: this.#granted, alone: true }
    if (this.#waiting !== undefined || this.#alone !== undefined) return undefined
    const { each } = this.#flow.calls
    const worthIt = Math.min(least, Math.floor(each / atOnce))
    let left = each
    for (const { bytes } of this.#pulls) left -= bytes
    return left < worthIt
      ? undefined
      : { bytes: Math.max(worthIt, Math.floor(left / 2)), alone: false }
  }

  /** A request was made with that room. */
  asked(pull: Pull, { bytes, alone }: Room): void {
    if (!alone) return
    this.#granted = 0
    this.#alone = { pull, bytes }
  }

  /** A request has ended, or brought one more; `small`: it brought nothing, because the next call is larger. */
  settle(pull: Pull, small = false): void {
    if (pull.busy) return
    if (this.#alone?.pull === pull) {
      this.#flow.records.give(this.#alone.bytes)
      this.#alone = undefined
    }
    if (small) this.#widen(pull.most)
  }

  stop(): void {
    this.#flow.calls.leave(this)
    if (this.#waiting !== undefined) this.#flow.records.forget(this.#waiting)
    const taken = this.#granted + (this.#alone?.bytes ?? 0)
    if (taken > 0) this.#flow.records.give(taken)
    this.#waiting = undefined
    this.#granted = 0
    this.#alone = undefined
  }

  #widen(bytes: number): void {
    if (this.#waiting !== undefined || this.#granted > 0 || this.#alone !== undefined) return
    const { records } = this.#flow
    const wanted = Math.min(Math.max(firstAlone, bytes * growth), largestAlone)
    if (records.take(wanted)) {
      this.#granted = wanted
      return
    }
    this.#waiting = records.wait(wanted, () => {
      this.#waiting = undefined
      this.#granted = wanted
      this.#entered()
    })
  }
}
