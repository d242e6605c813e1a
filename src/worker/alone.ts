/** One at a time: a call that may kill its worker shall not take other suspects along. */
export class Alone {
  #last: Promise<void> = Promise.resolve()

  run<A>(work: () => Promise<A>): Promise<A> {
    const result = this.#last.then(work)
    this.#last = result.then(
      () => undefined,
      () => undefined
    )
    return result
  }
}
