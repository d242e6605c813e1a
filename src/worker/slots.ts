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
  /** Slots whose handlers were told to stop and have not ended, and the tasks of these. */
  readonly #overrunning = new Map<Slot, string>()

  /** `pull` asks for as many calls as slots have come free. */
  constructor(most: number, pull: (slots: number) => void) {
    this.most = most
    this.#pull = pull
  }

  /** Calls that are executed now. */
  get executing(): number {
    return this.#executing
  }

  /** The tasks of handlers that were told to stop and have not ended; each holds a slot. */
  get overrunning(): ReadonlyArray<string> {
    return [...this.#overrunning.values()]
  }

  take(): Slot {
    this.#executing += 1
    return new Slot(this)
  }

  /** For `Slot`. */
  executed(slot: Slot): void {
    this.#storing += 1
    if (!this.#overrunning.has(slot)) this.#free()
  }

  /** For `Slot`. */
  runsOn(slot: Slot, task: string): void {
    this.#overrunning.set(slot, task)
  }

  /** For `Slot`: the handler has ended at last; `decided`, only its slot was still taken. */
  ranOn(slot: Slot, decided: boolean): void {
    this.#overrunning.delete(slot)
    if (decided) this.#free()
  }

  #free(): void {
    this.#executing -= 1
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

  /** The handler has ended, or its outcome is decided: once it has ended, the slot can serve another call. */
  executed(): void {
    if (this.#at !== "executing") return
    this.#at = "storing"
    this.#slots.executed(this)
  }

  /** The outcome is decided, and the handler does not stop: the slot is taken until it has ended. */
  runsOn(task: string, ended: Promise<unknown>): void {
    this.#slots.runsOn(this, task)
    void ended.then(() => this.#slots.ranOn(this, this.#at !== "executing"))
  }

  /** The outcome is stored: what follows from it holds nobody up. */
  stored(): void {
    this.executed()
    if (this.#at !== "storing") return
    this.#at = "done"
    this.#slots.stored()
  }
}
