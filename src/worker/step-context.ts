/** What a handler sees of its step; the parts that few handlers ask for are made when they do. */
import type { StepContext } from "../define/context.ts"
import { millisecondsOf, year } from "../define/duration.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Interruption } from "./abort-signal.ts"
import type { Hints } from "../engine/index.ts"
import type { Waits } from "./waits.ts"

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
    const { name, at, triggered = false } = this.#scheduled
    return { name, at: new Date(at), triggered }
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
