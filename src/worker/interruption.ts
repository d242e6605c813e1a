/** Tells a handler that it should stop: by its step's signal, which is made when the handler first asks for it. */

export class Interruption {
  #controller: AbortController | undefined
  #why: string | undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#why !== undefined) this.#controller.abort(new Error(this.#why))
    return this.#controller.signal
  }

  interrupt(why: string): void {
    if (this.#why !== undefined) return
    this.#why = why
    this.#controller?.abort(new Error(why))
  }
}
