/** Work that one process does once for each key, however many of its calls ask for it, now or later. */

/** How many keys are remembered; for a forgotten one the work is done again. */
const remembered = 2_000

export class Once {
  readonly #begun = new Map<string, Promise<boolean>>()

  /** Resolves when the work is done, by this call or by another. Work that failed, or gave `false`, is done again by the next who asks. */
  async ensure(key: string, work: () => Promise<boolean>): Promise<void> {
    const begun = this.#begun.get(key)
    if (begun !== undefined && (await begun)) return
    const now = work()
    this.#begun.set(key, now)
    if (this.#begun.size > remembered) this.#begun.delete(this.#begun.keys().next().value!)
    let done = false
    try {
      done = await now
    } finally {
      if (!done && this.#begun.get(key) === now) this.#begun.delete(key)
    }
  }
}
