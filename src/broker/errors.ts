/** What can go wrong between this process and the broker. */
import * as Schema from "effect/Schema"
import { ContractError } from "../define/errors.ts"

const reasons = [
  /**
   * No server was found, or none answers; or the time of a request was over before anything was sent. Nothing was stored.
   * @remedy Start the server, set `NATS_URL`, or mend the address; what is connected already connects again by itself.
   */
  "Unreachable",
  /**
   * The server does not let us in, or does not allow this: user, password, token, credentials or client certificate, a
   * permission, or `max_connections`. Nothing was stored.
   * @remedy The message names what was used, and the permission that is missing.
   */
  "Refused",
  /**
   * The server is older than 2.14. Nothing was stored.
   * @remedy Upgrade it.
   */
  "TooOld",
  /**
   * The server has no JetStream for this account. Nothing was stored.
   * @remedy Switch it on (`nats-server -js`), for the account, too.
   */
  "NoJetStream",
  /**
   * A limit of stream, account or server is reached, or so near that what is left is kept for outcomes. Nothing was stored,
   * nothing was dropped.
   * @remedy Make room: docs/operate/full.md.
   */
  "Full",
  /**
   * A record exceeds the server's `max_payload` however it is put together, or a value 64 MiB. Nothing was stored.
   * @remedy Pass a path or a URL, or raise `max_payload`.
   */
  "TooLarge",
  /**
   * The answer was lost, or not waited for any longer: it may have been stored.
   * @remedy Ask for the run that the message of a start names, or start again with the same key.
   */
  "Unknown",
  /**
   * The stream, or what should be read of it, was removed.
   * @remedy Find out who removed it. A restart creates an empty stream; a run whose records are gone is started again.
   */
  "Gone",
  /**
   * What is there contradicts what was asked for: the stream, a consumer, a profile, TLS that only one side wants, a
   * certificate that is not trusted, what is no NATS server; or a namespace, an address or credentials that cannot be.
   * Nothing was stored.
   * @remedy Do what the last sentence of the message says.
   */
  "Misconfigured",
  /**
   * This connection was closed while something was awaited; runs go on.
   * @remedy Await before closing (`return await app.run(…)` below `await using app`), or connect again and `attach`.
   */
  "Closed"
] as const

/** Why the broker did not do what it was asked. */
export const BrokerReason: Schema.Literals<typeof reasons> = Schema.Literals(reasons)

/**
 * The broker could not be found, refused, or did not answer.
 *
 * `Unknown` means that the answer was lost: the record may have been stored, so read before deciding. Thrown, or rejected
 * with, by whatever asks the broker: `connect`, `serve`, `startWorker` and the verbs of an app and a run.
 * @remedy See the reasons below; by the words of the message: docs/operate/troubleshooting.md.
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

export const isTooLarge = (cause: unknown): cause is BrokerError =>
  cause instanceof BrokerError && cause.reason === "TooLarge"
