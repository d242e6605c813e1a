/** Tells a handler that it should stop: by its step's signal, which is made when the handler first asks for it. */
import { runWithStep, type StepContext } from "../define/context.ts"
import { StepStopped } from "../define/failure.ts"

/** Why a handler is told to stop. */
export type Stop = Pick<StepStopped, "reason" | "message">

export class Interruption {
  #controller: AbortController | undefined
  #stop: Stop | undefined

  get signal(): AbortSignal {
    const isNew = this.#controller === undefined
    this.#controller ??= new AbortController()
    // Nobody listens yet.
    if (isNew && this.#stop !== undefined) this.#controller.abort(new StepStopped(this.#stop))
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
