/** What the engine needs to handle deliveries in one process. */
import type { TaskDefinition } from "../../define/definition.ts"
import type { Advancer } from "../flow/advancer.ts"
import type { Context } from "../context.ts"
import type { Observer } from "../observer.ts"
import type { PendingCancels } from "../run/pending-cancels.ts"
import type { Handlers } from "./handlers.ts"

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
