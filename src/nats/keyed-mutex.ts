/**
 * Writes that stand behind one fence go one after the other on a replicated stream.
 *
 * While a write with a fence is on its way to the replicas, the leader refuses every other with the same fence (10164).
 * The thousand members of a group, sent at once, would come back a thousand times, later each time.
 */
export class Turns {
  readonly #waiting = new Map<string, Array<() => void>>()

  /** Does the work when nothing else with this key is under way. */
  async take<A>(key: string, work: () => Promise<A>): Promise<A> {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) this.#waiting.set(key, [])
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      const answer = await work()
      this.#next(key)
      return answer
    } catch (error) {
      this.#everybody(key)
      throw error
    }
  }

  #next(key: string): void {
    const next = this.#waiting.get(key)?.shift()
    if (next === undefined) this.#waiting.delete(key)
    else next()
  }

  /** Who waits behind an outage would wait for it again, one after the other. */
  #everybody(key: string): void {
    const waiting = this.#waiting.get(key) ?? []
    this.#waiting.delete(key)
    for (const go of waiting) go()
  }
}
