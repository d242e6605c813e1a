/** Measures the longest time in which nothing ended although something was under way. */
export class Stall {
  #outstanding = 0
  #since = 0
  #longest = 0

  begin(): void {
    if (this.#outstanding === 0) this.#since = performance.now()
    this.#outstanding += 1
  }

  end(): void {
    this.#look()
    this.#outstanding -= 1
    this.#since = performance.now()
  }

  #look(): void {
    this.#longest = Math.max(this.#longest, performance.now() - this.#since)
  }

  /** In seconds, to the tenth; what is still under way counts up to now. */
  get longest(): number {
    if (this.#outstanding > 0) this.#look()
    return Math.round(this.#longest / 100) / 10
  }
}
