/** What the engine needs to handle deliveries in one process, and what it tells and asks the handlers that run there. */
import type { TaskDefinition } from "../../define/definition.ts"
import type { Advancer } from "../flow/advancer.ts"
import type { Context } from "../context.ts"
import type { Observer } from "../observer.ts"
import type { PendingCancels } from "../run/pending-cancels.ts"
import type { Broker } from "../../broker/broker.ts"

export interface Handling {
  readonly engine: Context
  readonly advancer: Advancer
  readonly observer: Observer
  readonly handlers: Handlers
  /** The tasks that are served here, by name. */
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly cancels: PendingCancels
  /** How many workers a call may cost before it is given up. */
  readonly crashes: number
  /** How long a call waits for another worker, in milliseconds. */
  readonly patience: number
  /** Set where the calls of a queue that nobody serves are given up: their patience is over, and where room is short their dead letters wait. */
  readonly unserved?: true
}

/** A call that was handed out again. */
export interface Taken {
  readonly owner: string
  readonly run: string
  readonly step: string
  /** Of the new holder; whoever holds an earlier delivery has lost its lease. */
  readonly deliveries: number
}

/** The handlers that run in this process. */
export interface Handlers {
  /** Whether it was heard here that a scope around a step has closed. */
  hasClosed(owner: string, run: string, scopes: ReadonlyArray<string>): boolean
  /** Tells whoever may still hold a call that it is executed here now. */
  take(broker: Broker, taken: Taken): void
}
