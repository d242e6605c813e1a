/** What the engine asks of the process that executes calls, and tells it. */
import type { CallMessage } from "../../encode/message.ts"
import type { Broker } from "../../broker/broker.ts"
import type { RunFacts } from "../flow/position.ts"

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

/** Whether it was heard here that a scope around a call has closed, or that its run has ended. */
export const hasClosed = (
  handlers: Handlers,
  { address }: RunFacts,
  { run, scopes }: CallMessage
): boolean => handlers.hasClosed(address.owner, run, scopes)
