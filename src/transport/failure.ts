/** What can go wrong between this process and the broker. */
import * as Schema from "effect/Schema"
import { ContractError } from "../define/failure.ts"

const reasons = [
  "Unreachable",
  "Refused",
  "TooOld",
  "NoJetStream",
  "Full",
  "TooLarge",
  "Unknown",
  "Gone",
  "Misconfigured",
  "Closed"
] as const

/** Why the broker did not do what it was asked. */
export const BrokerReason: Schema.Literals<typeof reasons> = Schema.Literals(reasons)

/**
 * The broker could not be found, refused, or did not answer.
 *
 * `Unknown` means that the answer was lost: the record may have been stored, so read before deciding.
 */
export class BrokerError extends Schema.TaggedError<BrokerError>()("BrokerError", {
  /**
   * Why: it cannot be reached (`Unreachable`), does not let us in or do that (`Refused`), is older than 2.14
   * (`TooOld`), has no JetStream (`NoJetStream`), its disk or a limit is full (`Full`), the record exceeds its largest
   * (`TooLarge`), its answer was lost (`Unknown`), what should be read is no longer there (`Gone`), what is there
   * contradicts what was asked for (`Misconfigured`), or the connection was closed (`Closed`).
   */
  reason: BrokerReason,
  /** What happened, and what to do about it. */
  message: Schema.String
}) {}

/** Why a client or a worker could not be opened, as an error of ours. */
export const whyNotOpened = (cause: unknown): BrokerError | ContractError =>
  cause instanceof BrokerError || cause instanceof ContractError
    ? cause
    : new BrokerError({ reason: "Unreachable", message: String(cause) })

/** Whether trying again would fail the same way: what is too large stays so, and what was removed is not coming back. */
export const isFinal = (cause: unknown): boolean =>
  cause instanceof BrokerError && (cause.reason === "TooLarge" || cause.reason === "Gone")
