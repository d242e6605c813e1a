/** How many calls of one lane may be executed at a time, and how many may wait for their outcomes to be stored besides. */

/**
 * A slot that waited along while an outcome is stored would do nothing for the time of a round trip; without a bound, a
 * broker that stores slowly would be sent ever more.
 */
const mostStoring = 256

export class Slots {
  readonly most: number
  readonly #pull: (slots: number) => void
  #executing = 0
  #storing = 0
  /** Free, but not asked for while too many outcomes are being stored. */
  #held = 0

  /** `pull` asks for as many calls as slots have come free. */
  constructor(most: number, pull: (slots: number) => void) {
    this.most = most
    this.#pull = pull
  }

  /** Calls that are executed now. */
  get executing(): number {
    return this.#executing
  }

  take(): Slot {
    this.#executing += 1
    return new Slot(this)
  }

  /** For `Slot`. */
  executed(): void {
    this.#executing -= 1
    this.#storing += 1
    this.#held += 1
    this.#ask()
  }

  /** For `Slot`. */
  stored(): void {
    this.#storing -= 1
    this.#ask()
  }

  #ask(): void {
    if (this.#held === 0 || this.#storing > mostStoring) return
    this.#pull(this.#held)
    this.#held = 0
  }
}

/** The slot of one call. Whatever happens to the call, it comes free at last. */
export class Slot {
  readonly #slots: Slots
  #at: "executing" | "storing" | "done" = "executing"

  constructor(slots: Slots) {
    this.#slots = slots
  }

  /** The handler has ended: the slot can serve another call. */
  executed(): void {
    if (this.#at !== "executing") return
    this.#at = "storing"
    this.#slots.executed()
  }

  /** The outcome is stored: what follows from it holds nobody up. */
  stored(): void {
    this.executed()
    if (this.#at !== "storing") return
    this.#at = "done"
    this.#slots.stored()
  }
}
