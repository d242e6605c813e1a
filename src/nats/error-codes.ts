/** What each error code of a JetStream answer means for the one who asked. */
import type { BrokerError } from "../broker/errors.ts"
import { failure } from "./messages.ts"

/** The `error` field of a JetStream answer. */
export interface ServerError {
  readonly code: number
  readonly err_code?: number
  readonly description?: string
}

/** The stored state differs from the precondition: somebody was first. */
export const conflict = 10071
export const streamMissing = 10059
export const consumerMissing = 10014
export const streamDiffers = 10058
export const consumerDiffers: ReadonlySet<number | undefined> = new Set([10013, 10148])
export const recordMissing = 10037
/** Fewer servers are up than the stream is to have replicas. */
export const noPeers = 10005
const noCluster = 10074

/**
 * A race between concurrent writes on a replicated stream; the first try still in process; a cluster without a leader; a
 * batch of which the server missed a part, as when the leader changed in between; too many batches at once.
 */
const passing: ReadonlySet<number | undefined> = new Set([10164, 10158, 10008, 10009, 10176, 10210])

/** Refusals that pass by themselves: the same question is put again after a pause. */
export const passes = (error: ServerError): boolean => passing.has(error.err_code)

/** More is on its way to the stream than the server keeps waiting. */
export const isOverrun = (error: ServerError): boolean => error.err_code === 10167

/** Whose limit was reached, by what the server says. 10077 also says that the stream's own was. */
const full: ReadonlyMap<number | undefined, "account" | "server" | "stream"> = new Map([
  [10002, "account"],
  [10023, "server"],
  [10047, "server"],
  [10028, "server"],
  [10077, "stream"]
])

/** What can be done about a limit that was reached. */
export const moreRoom = {
  account:
    "Raise the account's JetStream limit (`max_file` of its `jetstream` block, or the limit in its JWT), remove other streams of the account that nobody needs, or let the workers catch up; what has ended keeps its room for its retention (an hour unless `connect({ retention })` says less).",
  server:
    "Free disk space, raise `max_file_store` in the server's `jetstream` block, remove streams that nobody needs, or let the workers catch up.",
  stream: "Raise the stream's max_bytes (`nats stream edit`), or let the workers catch up."
} as const

/** Whether there was no room: of whose limit. */
export const limitReached = (error: ServerError): "account" | "server" | "stream" | undefined =>
  full.get(error.err_code)

const jetStreamOff: ReadonlySet<number | undefined> = new Set([10039, 10076])

/** What was done, and what the server said to that. */
export const answered = (doing: string, error: ServerError): string =>
  `${doing}: the server answered "${error.description ?? "no description"} (${error.err_code ?? error.code})".`

export const serverFailure = (doing: string, error: ServerError): BrokerError => {
  const at = answered(doing, error)
  const limit = limitReached(error)
  if (limit !== undefined) {
    return failure(
      "Full",
      `${at} The broker has no room: nothing was stored and nothing was dropped. ${moreRoom[limit]}`
    )
  }
  if (error.err_code === noPeers) {
    return failure(
      "Unreachable",
      `${at} A stream is created only while as many servers of the cluster are up as it has replicas; later it goes on with a majority. Start the missing ones (\`nats server list\` shows who is there), then start this again.`
    )
  }
  if (error.err_code === noCluster) {
    return failure(
      "Misconfigured",
      `${at} It runs alone, and three replicas need a cluster of three servers: give the addresses of such a cluster, or leave out \`replicas\`.`
    )
  }
  if (error.err_code === 10054) {
    return failure(
      "TooLarge",
      `${at} Raise the stream's max_msg_size, or store less in one record.`
    )
  }
  if (error.err_code === streamMissing || error.err_code === consumerMissing) {
    return failure(
      "Gone",
      `${at} It was there when this process connected, and a stream that held work is not created again in silence. Find out who deleted it; connecting anew creates an empty one.`
    )
  }
  if (jetStreamOff.has(error.err_code)) {
    return failure("NoJetStream", `${at} Enable JetStream for this account.`)
  }
  return failure("Misconfigured", `${at} See \`nats stream info\` and the server's log.`)
}
