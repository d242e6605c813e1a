/** Errors as HTTP: what went wrong, in a status and a body that a stranger may read. */
import {
  BrokerError,
  InvalidInput,
  KeyTaken,
  ResultExpired,
  RunCancelled,
  RunTimedOut,
  StillRunning,
  TaskTimedOut,
  UnknownRun
} from "arpeggio"
import { NoSuchCustomer } from "./reports.ts"

export type Status = 400 | 404 | 409 | 410 | 413 | 500 | 503 | 504

export interface Answer {
  readonly status: Status
  readonly body: Readonly<Record<string, string>>
}

export const answerTo = (error: unknown): Answer => {
  // Declared errors mean what they mean in this app.
  if (error instanceof NoSuchCustomer) {
    return { status: 404, body: { error: "NoSuchCustomer", customer: error.customer } }
  }
  if (error instanceof InvalidInput) {
    const { path, expected, received } = error
    return { status: 400, body: { error: "InvalidInput", path, expected, received } }
  }
  if (error instanceof KeyTaken) return only(409, error)
  if (error instanceof UnknownRun) return only(404, error)
  if (error instanceof ResultExpired || error instanceof RunCancelled) return only(410, error)
  if (error instanceof TaskTimedOut || error instanceof RunTimedOut) return only(504, error)
  if (error instanceof StillRunning) return only(504, error)
  if (error instanceof BrokerError) {
    // Unknown: it may have been stored. The same request with the same key is safe.
    return error.reason === "TooLarge"
      ? only(413, error)
      : { status: 503, body: { error: error._tag, reason: error.reason } }
  }
  // A bug, here or in a worker. Messages and stacks are for the log.
  console.error(error)
  return { status: 500, body: { error: "InternalError" } }
}

const only = (status: Status, { _tag: error }: { readonly _tag: string }): Answer => ({
  status,
  body: { error }
})
