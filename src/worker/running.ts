/** The handlers running in this process, so that the closing of a scope or a stop can reach them. */
import { closingTopic, wholeRun, type Closing } from "../engine/closer.ts"
import type { Broker, Subscription } from "../transport/broker.ts"

/** Why a handler was told to stop. */
export type StopReason = "closing" | "draining"

/** One running handler. */
export interface RunningStep {
  readonly owner: string
  readonly run: string
  readonly scopes: ReadonlyArray<string>
  readonly stop: (reason: StopReason) => void
}

/** How many closed scopes are remembered, so that calls still queued inside them are not begun. */
const rememberedScopes = 5_000

export class Running {
  readonly #steps = new Set<RunningStep>()
  readonly #closed = new Set<string>()
  #stopped: StopReason | undefined

  async listen(broker: Broker): Promise<Subscription> {
    return broker.listen(closingTopic, (body) => {
      const closing = readClosing(body)
      if (closing === undefined) return
      this.#remember(closing)
      for (const step of this.#steps) if (isInside(step, closing)) step.stop("closing")
    })
  }

  enter(step: RunningStep): () => void {
    this.#steps.add(step)
    if (this.#stopped !== undefined) step.stop(this.#stopped)
    return () => this.#steps.delete(step)
  }

  /** Whether a scope around a step is known to have closed. */
  hasClosed(owner: string, run: string, scopes: ReadonlyArray<string>): boolean {
    return (
      this.#closed.has(`${owner}.${run}.${wholeRun}`) ||
      scopes.some((scope) => this.#closed.has(`${owner}.${run}.${scope}`))
    )
  }

  /** Stops what runs, and whatever still begins. */
  stopAll(reason: StopReason): void {
    this.#stopped = reason
    for (const step of this.#steps) step.stop(reason)
  }

  get size(): number {
    return this.#steps.size
  }

  #remember(closing: Closing): void {
    this.#closed.add(`${closing.owner}.${closing.run}.${closing.scope}`)
    if (this.#closed.size > rememberedScopes) {
      this.#closed.delete(this.#closed.values().next().value!)
    }
  }
}

const isInside = (step: RunningStep, closing: Closing): boolean =>
  step.owner === closing.owner &&
  step.run === closing.run &&
  (closing.scope === wholeRun || step.scopes.includes(closing.scope))

const readClosing = (body: Uint8Array): Closing | undefined => {
  try {
    const told = JSON.parse(Buffer.from(body).toString()) as Partial<Closing>
    return typeof told.owner === "string" &&
      typeof told.run === "string" &&
      typeof told.scope === "string"
      ? { owner: told.owner, run: told.run, scope: told.scope }
      : undefined
  } catch {
    return undefined
  }
}
