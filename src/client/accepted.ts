/** The runs whose start this process knows to be stored: of one that is no longer found, it can say that its outcome is gone. */
import { runIdOf, type RunAddress } from "../encode/subjects.ts"

/** The latest of so many are remembered; of an older one is said what the broker shows. */
const most = 10_000

export class Accepted {
  readonly #runs = new Set<string>()

  add(address: RunAddress): void {
    this.#runs.add(runIdOf(address))
    if (this.#runs.size > most) this.#runs.delete(this.#runs.values().next().value!)
  }

  has(address: RunAddress): boolean {
    return this.#runs.has(runIdOf(address))
  }
}
