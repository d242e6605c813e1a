/**
 * What is outstanding, by a number that each is given.
 *
 * Not a `Map`: when V8 gives one a larger or a smaller table, which happens all the time where entries come and go, the old
 * table goes on pointing to the new one. As soon as one of them is among the old objects, a collection of young ones
 * finds all later tables through it, and keeps all that was in them: a group of a hundred cost 20 % more for that.
 */
const fewest = 256

export class Outstanding<A> {
  /** Each at its number, modulo the length, which is a power of two and at least twice as much as there are. */
  #values: Array<A | undefined> = Array.from<undefined>({ length: fewest })
  #numbers: Array<number> = Array.from({ length: fewest }, () => 0)
  #last = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Its number, which nothing else has or had; not every number is given. */
  add(value: A): number {
    if (this.#size * 2 >= this.#values.length) this.#resize(this.#values.length * 2)
    const mask = this.#values.length - 1
    do this.#last += 1
    while (this.#values[this.#last & mask] !== undefined)
    this.#values[this.#last & mask] = value
    this.#numbers[this.#last & mask] = this.#last
    this.#size += 1
    return this.#last
  }

  /** What has the number; `undefined` when it was removed, or nothing ever had it. */
  at(number: number): A | undefined {
    const slot = number & (this.#values.length - 1)
    return this.#numbers[slot] === number ? this.#values[slot] : undefined
  }

  remove(number: number): void {
    if (this.at(number) === undefined) return
    this.#values[number & (this.#values.length - 1)] = undefined
    this.#size -= 1
    if (this.#size === 0 && this.#values.length > fewest) this.#resize(fewest)
  }

  /** All that are there now, in the order in which they were added; not what is removed before it is its turn. */
  *[Symbol.iterator](): Iterator<A> {
    for (const [number, value] of this.#used().toSorted(([one], [other]) => one - other)) {
      if (this.at(number) === value) yield value
    }
  }

  #used(): ReadonlyArray<readonly [number: number, value: A]> {
    return this.#values.flatMap((value, slot) =>
      value === undefined ? [] : [[this.#numbers[slot]!, value] as const]
    )
  }

  /** Two that have a slot each have one each among more slots, too. */
  #resize(length: number): void {
    const used = this.#used()
    this.#values = Array.from<undefined>({ length })
    this.#numbers = Array.from({ length }, () => 0)
    for (const [number, value] of used) {
      this.#values[number & (length - 1)] = value
      this.#numbers[number & (length - 1)] = number
    }
  }
}
