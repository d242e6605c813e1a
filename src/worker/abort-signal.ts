/** Tells a handler that it should stop: by its step's signal, which is made when the handler first asks for it. */
import { runWithStep, type StepContext } from "../define/context.ts"
import { StepStopped } from "../define/errors.ts"
import { type Complain, guarded } from "./listeners.ts"

/** Why a handler is told to stop. */
export type Stop = Pick<StepStopped, "reason" | "message">

export class Interruption {
  readonly #complain: Complain
  #controller: AbortController | undefined
  #given: AbortSignal | undefined
  #stop: Stop | undefined

  /** `complain` hears of listeners that throw. */
  constructor(complain: Complain) {
    this.#complain = complain
  }

  /** For handlers, who may let anything listen to it. */
  get signal(): AbortSignal {
    if (this.#given === undefined) this.#given = guarded(this.bare, this.#complain)
    return this.#given
  }

  /** The same signal, for who listens to it and never throws. */
  get bare(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      // Nobody listens yet.
      if (this.#stop !== undefined) this.#controller.abort(new StepStopped(this.#stop))
    }
    return this.#controller.signal
  }

  /** Whoever listens to the signal is called as the step: what listeners do belongs to it. */
  interrupt(step: StepContext, stop: Stop): void {
    if (this.#stop !== undefined) return
    this.#stop = stop
    const controller = this.#controller
    if (controller !== undefined) runWithStep(step, () => controller.abort(new StepStopped(stop)))
  }
}
