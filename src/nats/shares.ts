/** Divides the bytes of calls that may be on their way at a time among the lanes of a connection. */

/** A lane, as far as its share goes. */
export interface Sharer {
  /** Bytes that are about to be handed out, as the calls before them were: nothing where nothing comes. */
  readonly arriving: number
}

/** With hundreds of queues a lane still asks for so much, in bytes: a larger call is asked for alone. */
const least = 32 * 1024

export class Shares {
  readonly #lanes = new Set<Sharer>()
  #most: number

  constructor(most: number) {
    this.#most = most
  }

  join(lane: Sharer): void {
    this.#lanes.add(lane)
  }

  leave(lane: Sharer): void {
    this.#lanes.delete(lane)
  }

  /** What one lane may have asked for at a time, in bytes. */
  get each(): number {
    return Math.max(least, Math.floor(this.#most / this.#lanes.size))
  }

  get most(): number {
    return this.#most
  }

  get arriving(): number {
    let sum = 0
    for (const { arriving } of this.#lanes) sum += arriving
    return sum
  }

  /** From now on only so many. */
  narrow(most: number): void {
    this.#most = most
  }
}
