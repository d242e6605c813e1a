/** How one execution of a call ended, as data: what a worker hands to the engine. */

/** Why a handler was told to stop. */
export type StopReason = "closing" | "draining" | "lost"

/** How an execution ended; texts are JSON. */
export type Execution =
  | { readonly as: "value"; readonly text: string }
  | FailedExecution
  | { readonly as: "plan"; readonly text: string }
  | { readonly as: "stopped"; readonly reason: StopReason }
  /** Not begun: the call is for a worker with another version of the contract. */
  | Foreign

/** An execution that another attempt may follow. */
export type FailedExecution =
  | { readonly as: "failed"; readonly text: string }
  | Crashed
  | { readonly as: "timedOut"; readonly text: string }

/** The handler threw something that its contract does not declare, or could not be called. */
export interface Crashed {
  readonly as: "crashed"
  readonly text: string
  /** The arguments do not fit the contract, so another attempt would end the same way. */
  readonly misfit?: true
  /** The class of what was thrown is among those that the contract retries. */
  readonly listed?: true
}

/** A call that this worker's version of the contract does not take as it was made. */
export interface Foreign {
  readonly as: "foreign"
  /** The field that does not fit, and how. */
  readonly why: string
}

/** What a handler said about the next attempt while it ran. */
export interface Hints {
  never: boolean
  wait?: number
}

export const noHints = (): Hints => ({ never: false })
