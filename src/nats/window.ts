/** Bounds the bytes that may be on their way at a time: what finds no room waits for its turn, the oldest first. */

/** Somebody who waits for room. */
export interface Waiting {
  readonly bytes: number
  /** Called when the bytes are taken; they are to be given back. */
  readonly enter: () => void
}

export class Window {
  #most: number
  #taken = 0
  readonly #waiting = new Set<Waiting>()

  constructor(most: number) {
    this.#most = most
  }

  /** Bytes that are taken now. */
  get taken(): number {
    return this.#taken
  }

  /** The most that are taken at a time; what is larger than all of it is let in alone. */
  get most(): number {
    return this.#most
  }

  /** Takes so many at once, unless there is no room or somebody waits already. */
  take(bytes: number): boolean {
    if (this.#waiting.size > 0 || !this.#hasRoom(bytes)) return false
    this.#taken += bytes
    return true
  }

  /** Takes them when there is room. */
  wait(bytes: number, enter: () => void): Waiting {
    const waiting = { bytes, enter }
    this.#waiting.add(waiting)
    return waiting
  }

  /** Waits no longer. */
  forget(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#fill()
  }

  /** The same, where whoever stood behind is to be dropped, too: nobody enters for it. */
  drop(waiting: Waiting): void {
    this.#waiting.delete(waiting)
  }

  give(bytes: number): void {
    this.#taken -= bytes
    if (this.#waiting.size > 0) this.#fill()
  }

  /** From now on only so many. */
  narrow(most: number): void {
    this.#most = most
  }

  #hasRoom(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#most
  }

  #fill(): void {
    for (const waiting of this.#waiting) {
      if (!this.#hasRoom(waiting.bytes)) return
      this.#waiting.delete(waiting)
      this.#taken += waiting.bytes
      waiting.enter()
    }
  }
}
