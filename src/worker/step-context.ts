/** What a handler sees of its step, and the signal that tells it to stop; the parts that few handlers ask for are made when they do. */
import { type StepContext, runWithStep } from "../define/context.ts"
import { millisecondsOf, year } from "../define/duration.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Hints } from "../engine/index.ts"
import type { Waits } from "./waits.ts"
import { StepStopped } from "../define/errors.ts"
import { setMaxListeners } from "node:events"

const noHeaders: StepContext["headers"] = Object.freeze({})

export class CallContext implements StepContext {
  readonly run: string
  readonly id: string
  readonly parent: string | null
  readonly task: string
  readonly attempt: number
  readonly worker: string
  readonly idempotencyKey: string
  readonly headers: { readonly [name: string]: string }
  readonly #scheduled: CallMessage["scheduled"]
  readonly #hints: Hints
  readonly #interruption: Interruption
  /** Where its call was queued. */
  readonly #subject: string
  readonly #waits: Waits

  constructor(
    run: string,
    message: CallMessage,
    worker: string,
    hints: Hints,
    interruption: Interruption,
    subject: string,
    waits: Waits
  ) {
    this.run = run
    this.id = message.step
    this.parent = message.parent
    this.task = message.task
    this.attempt = message.attempt
    this.worker = worker
    this.idempotencyKey = `${run}/${message.step}`
    this.headers = message.headers ?? noHeaders
    this.#scheduled = message.scheduled
    this.#hints = hints
    this.#interruption = interruption
    this.#subject = subject
    this.#waits = waits
  }

  get scheduled(): StepContext["scheduled"] {
    if (this.#scheduled === undefined) return undefined
    const { name, at } = this.#scheduled
    return { name, at: new Date(at) }
  }

  get signal(): AbortSignal {
    return this.#interruption.signal
  }

  "~waits"(queues: () => ReadonlySet<string>): () => void {
    return this.#waits.enter({ step: this, subject: this.#subject, queues })
  }

  get doNotRetry(): () => void {
    const hints = this.#hints
    return () => {
      hints.never = true
    }
  }

  get retryAfter(): StepContext["retryAfter"] {
    const hints = this.#hints
    const { task } = this
    return (wait) => {
      hints.wait = Math.min(millisecondsOf("retryAfter", wait, task), year)
    }
  }
}

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

/** What a listener has thrown. */
export type Complain = (thrown: unknown) => void

type Add = EventTarget["addEventListener"]

type Remove = EventTarget["removeEventListener"]

type Listener = Parameters<Add>[1]

const call = (listener: Listener, signal: AbortSignal, event: Event): unknown =>
  typeof listener === "function" ? listener.call(signal, event) : listener.handleEvent(event)

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

const canHear = (listener: unknown): boolean =>
  typeof listener === "function" || (typeof listener === "object" && listener !== null)

/**
 * The same signal. A handler may let any number of things listen to it, each of its requests among them, which Node 20
 * would call a leak from the eleventh on.
 */
export const guarded = (signal: AbortSignal, complain: Complain): AbortSignal => {
  setMaxListeners(0, signal)
  const wrappers = new WeakMap<Listener, (event: Event) => void>()
  const wrapped = (listener: Listener): ((event: Event) => void) => {
    const known = wrappers.get(listener)
    if (known !== undefined) return known
    const wrapper = (event: Event): void => {
      try {
        const returned = call(listener, signal, event)
        if (isThenable(returned)) returned.then(undefined, complain)
      } catch (thrown) {
        complain(thrown)
      }
    }
    wrappers.set(listener, wrapper)
    return wrapper
  }
  const { addEventListener, removeEventListener } = signal
  const add: Add = (type, listener, options) =>
    // What cannot be a listener is refused by the signal itself.
    addEventListener.call(signal, type, canHear(listener) ? wrapped(listener) : listener, options)
  const remove: Remove = (type, listener, options) => {
    const known = canHear(listener) ? wrappers.get(listener) : undefined
    removeEventListener.call(signal, type, known ?? listener, options)
  }
  // Cheaper by far than defining the same as hidden properties, and every handler that asks for its signal pays.
  return Object.assign(signal, { addEventListener: add, removeEventListener: remove })
}
