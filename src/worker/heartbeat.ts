/** Keeps the leases of everything under way in this process alive, with one timer. */
import type { Broker, Delivery } from "../broker/broker.ts"
import { every } from "../broker/time.ts"

/** A third of the broker's lease of 30 s. */
const heartbeat = 10_000

/** How often to look whether the event loop turns, in milliseconds. */
const pulse = 1_000

/** A stretch without a turn that is worth a line, in milliseconds. */
const noticeable = 3_000

export class Leases {
  readonly #broker: Pick<Broker, "after">
  readonly #held = new Set<Delivery>()
  /** Those whose handlers run: by the broker's time, as their timeouts, which a test may move. */
  readonly #executing = new Set<Delivery>()
  #beating = false
  readonly #stops: ReadonlyArray<() => void>
  #longest: { readonly longest: number; readonly at?: number } = { longest: 0 }

  /** `blocked` hears of every stretch in which this process could do nothing at all, in milliseconds. */
  constructor(broker: Pick<Broker, "after">, blocked: (milliseconds: number) => void) {
    this.#broker = broker
    let last = performance.now()
    this.#stops = [
      every(heartbeat, () => {
        for (const delivery of this.#held) {
          if (!this.#executing.has(delivery)) delivery.extend()
        }
      }),
      every(pulse, () => {
        const late = performance.now() - last - pulse
        last = performance.now()
        if (late > this.#longest.longest) {
          this.#longest = { longest: Math.round(late), at: Date.now() }
        }
        if (late < noticeable) return
        this.#renew()
        blocked(late)
      })
    ]
  }

  #renew(): void {
    for (const delivery of this.#held) delivery.extend()
  }

  /** The handler of a call runs, until the answer is called. */
  executes(delivery: Delivery): () => void {
    this.#executing.add(delivery)
    if (!this.#beating) this.#beat()
    return () => this.#executing.delete(delivery)
  }

  #beat(): void {
    this.#beating = true
    this.#broker.after(heartbeat, () => {
      this.#beating = false
      if (this.#executing.size === 0) return
      this.#beat()
      for (const delivery of this.#executing) delivery.extend()
    })
  }

  hold(delivery: Delivery): void {
    this.#held.add(delivery)
  }

  release(delivery: Delivery): void {
    this.#held.delete(delivery)
  }

  /** The longest stretch without a turn of the event loop, in milliseconds, and when it ended, by this machine's clock. */
  get eventLoop(): { readonly longest: number; readonly at?: number } {
    return this.#longest
  }

  /** The calls held now. */
  get held(): ReadonlyArray<Delivery> {
    return [...this.#held]
  }

  get size(): number {
    return this.#held.size
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }
}
