/** A worker whose user may not list the queues looks after none: that is told once, and noted while it lasts. */
import type { Print } from "../define/print.ts"
import { BrokerError } from "../broker/errors.ts"

export class Blind {
  readonly #print: Print
  #why: string | undefined

  constructor(print: Print) {
    this.#print = print
  }

  /** A broker that does not answer is told of elsewhere, and asked again. */
  failed(cause: unknown): void {
    if (!(cause instanceof BrokerError) || cause.reason !== "Refused") return
    const told = this.#why !== undefined
    this.#why = `this worker cannot see which queues there are (${cause.message}) Until it can, it does not tell of calls that no worker takes, does not give them up, and does not tell of handlers that wait for each other`
    if (!told) this.#print(this.#why)
  }

  sees(): void {
    if (this.#why !== undefined) this.#print("this worker sees again which queues there are")
    this.#why = undefined
  }

  notes(): ReadonlyArray<string> {
    return this.#why === undefined ? [] : [this.#why]
  }
}
