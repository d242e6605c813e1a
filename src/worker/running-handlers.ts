/** The handlers running in this process, so that the closing of a scope or a stop can reach them. */
import type { StepContext } from "../define/context.ts"
import { runIdOf } from "../encode/subjects.ts"
import {
  closingTopic,
  wholeRun,
  type Closing,
  type EndedBy,
  type Handlers,
  type StopReason,
  type Taken
} from "../engine/index.ts"
import type { Broker, Subscription } from "../broker/broker.ts"

/** The topic on which a worker tells that it takes a call over from one that seems to be dead. */
const takenTopic = "taken"

/** One running handler; it stays until it has really ended, also when its outcome is decided before. */
export interface RunningStep {
  readonly owner: string
  readonly instance: string
  readonly run: string
  readonly step: string
  readonly task: string
  readonly deliveries: number
  readonly scopes: ReadonlyArray<string>
  /** What its handler sees of it, and when that began, by a clock that only goes on. */
  readonly context: StepContext
  readonly began: number
  /** `endedBy`: who ended the run, where that is why its scope closed. */
  stop: (reason: StopReason, endedBy?: EndedBy) => void
  /** It has its outcome, say a timeout, and only its handler goes on: nothing of it begins again. */
  decided: boolean
}

/** A running handler, for people: as the log names it, its task, and for how long it has been running, in milliseconds. */
export interface Busy {
  readonly name: string
  readonly task: string
  readonly since: number
}

/** How many closed scopes are remembered, so that calls still queued inside them are not begun. */
const rememberedScopes = 5_000

export class Running implements Handlers {
  readonly #steps = new Set<RunningStep>()
  /** Whose handler is on the stack: most return at once, and are never among the others. */
  #called: RunningStep | undefined
  readonly #closed = new Set<string>()
  /** Whether this worker goes on with nothing new. */
  stopping = false
  /** Why nothing begins any more. */
  stopped: StopReason | undefined

  async listen(broker: Broker): Promise<Subscription> {
    const heard = await Promise.all([
      broker.listen(closingTopic, (body) => {
        const closing = readTold<Closing>(body, isClosing)
        if (closing === undefined) return
        this.#remember(closing)
        for (const step of this.#steps)
          if (isInside(step, closing)) step.stop("closing", endedByIn(closing))
      }),
      broker.listen(takenTopic, (body) => {
        const taken = readTold<Taken>(body, isTaken)
        if (taken === undefined) return
        for (const step of this.#steps) if (hasLost(step, taken)) step.stop("lost")
      })
    ])
    return {
      stop: () => {
        for (const one of heard) one.stop()
      }
    }
  }

  /** Tells whoever may still hold a call that it is executed here now. */
  take(broker: Broker, taken: Taken): void {
    broker.announce(takenTopic, Buffer.from(JSON.stringify(taken)))
  }

  /** Its handler is called now; `returned` is to be given the answer when the handler has returned, or waits. */
  called(step: RunningStep): RunningStep | undefined {
    const before = this.#called
    this.#called = step
    return before
  }

  returned(before: RunningStep | undefined): void {
    this.#called = before
  }

  /** Its handler waits for something. */
  enter(step: RunningStep): void {
    this.#steps.add(step)
  }

  leave(step: RunningStep): void {
    this.#steps.delete(step)
  }

  /** Whether a scope around a step is known to have closed. */
  hasClosed(owner: string, run: string, scopes: ReadonlyArray<string>): boolean {
    if (this.#closed.size === 0) return false
    return (
      this.#closed.has(`${owner}.${run}.${wholeRun}`) ||
      scopes.some((scope) => this.#closed.has(`${owner}.${run}.${scope}`))
    )
  }

  /** Nothing new is begun, and what runs may end. */
  stop(): void {
    this.stopping = true
  }

  /** Stops what runs, and whatever still begins. */
  stopAll(reason: StopReason): void {
    this.stopping = true
    this.stopped = reason
    for (const step of this.#steps) step.stop(reason)
  }

  get size(): number {
    return this.#all.length
  }

  /** What runs at this moment, of the clock by which steps begin. */
  busy(now: number): ReadonlyArray<Busy> {
    return this.#all.map((step) => ({
      name: `${runIdOf(step)} ${step.task}#${step.step}`,
      task: step.task,
      since: now - step.began
    }))
  }

  /** Those of one run. */
  of(owner: string, run: string): ReadonlyArray<RunningStep> {
    return this.#all.filter((step) => step.owner === owner && step.run === run)
  }

  /** Those that would be lost with this process, in the order in which they began. */
  get undecided(): ReadonlyArray<RunningStep> {
    return this.#all.filter(({ decided }) => !decided)
  }

  get #all(): ReadonlyArray<RunningStep> {
    return this.#called === undefined ? [...this.#steps] : [...this.#steps, this.#called]
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

const hasLost = (step: RunningStep, taken: Taken): boolean =>
  step.owner === taken.owner &&
  step.run === taken.run &&
  step.step === taken.step &&
  step.deliveries < taken.deliveries

const isClosing = ({ owner, run, scope }: Partial<Closing>): boolean =>
  typeof owner === "string" && typeof run === "string" && typeof scope === "string"

/** What another release says instead is left out. */
const endedByIn = ({ why }: Closing): EndedBy | undefined =>
  why === "cancelled" || why === "timedOut" ? why : undefined

const isTaken = ({ owner, run, step, deliveries }: Partial<Taken>): boolean =>
  typeof owner === "string" &&
  typeof run === "string" &&
  typeof step === "string" &&
  typeof deliveries === "number"

/** What was told on a topic, unless it is not ours. */
const readTold = <A>(body: Uint8Array, is: (told: Partial<A>) => boolean): A | undefined => {
  try {
    const told: unknown = JSON.parse(Buffer.from(body).toString())
    return typeof told === "object" && told !== null && is(told) ? (told as A) : undefined
  } catch {
    return undefined
  }
}
