/** When a worker looks after the room of its namespace: rarely while all is well, soon where something is amiss. */
import { after } from "../broker/time.ts"
import { Tending, type TendingOptions } from "./tending.ts"

export interface UpkeepOptions extends TendingOptions {
  /** Between two looks where something is amiss, in milliseconds. */
  readonly every: number
}

/** How much rarer to look while all is well. */
const idle = 20

export class Upkeep {
  readonly #tending: Tending
  readonly #every: number
  #cancel = (): void => {}
  #stopped = false
  #soon = false
  #looking = false
  /** Another look is wanted soon after this one. */
  #again = false

  constructor(options: UpkeepOptions) {
    this.#tending = new Tending(options)
    this.#every = options.every
    this.#later(1)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Sooner than the next look: something was refused for want of room. */
  hurry(): void {
    if (this.#soon) return
    if (this.#looking) {
      this.#again = true
      return
    }
    this.#cancel()
    this.#later(1)
  }

  /** Workers that were started together do not look together. */
  #later(times: number): void {
    if (this.#stopped) return
    this.#soon = times === 1
    this.#cancel = after(this.#every * times * (0.7 + Math.random() * 0.6), () => {
      this.#soon = false
      this.#looking = true
      this.#tending.tend().then(
        (well) => this.#looked(well),
        () => this.#looked(true)
      )
    })
  }

  #looked(well: boolean): void {
    this.#looking = false
    const soon = this.#again || !well
    this.#again = false
    this.#later(soon ? 1 : idle)
  }
}
