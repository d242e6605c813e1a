/** Keeps the leases of everything under way in this process alive, with one timer. */
import type { Delivery } from "../transport/broker.ts"
import { every } from "../transport/time.ts"

/** A third of the broker's lease of 30 s. */
const heartbeat = 10_000

export class Leases {
  readonly #held = new Set<Delivery>()
  readonly #stop: () => void

  constructor() {
    this.#stop = every(heartbeat, () => {
      for (const delivery of this.#held) delivery.extend()
    })
  }

  hold(delivery: Delivery): void {
    this.#held.add(delivery)
  }

  release(delivery: Delivery): void {
    this.#held.delete(delivery)
  }

  get size(): number {
    return this.#held.size
  }

  stop(): void {
    this.#stop()
  }
}
