/** What a process keeps at hand of what the broker holds: the latest, and no more than fits; the rest is read again. */
export class Remembered<V> {
  readonly #most: number
  readonly #room: number
  readonly #entries = new Map<string, { readonly value: V; readonly size: number }>()
  #used = 0

  /** At most `most` values, whose sizes together stay below `room`; the latest always stays. */
  constructor(most: number, room: number) {
    this.#most = most
    this.#room = room
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value
  }

  set(key: string, value: V, size: number): void {
    this.forget(key)
    this.#entries.set(key, { value, size })
    this.#used += size
    while (this.#entries.size > this.#most || (this.#used > this.#room && this.#entries.size > 1)) {
      this.forget(this.#entries.keys().next().value!)
    }
  }

  forget(key: string): void {
    this.#used -= this.#entries.get(key)?.size ?? 0
    this.#entries.delete(key)
  }
}
