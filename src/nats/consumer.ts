/** The durable consumer of a lane: shared by every worker that serves it, and left as it is when it exists. */
import { consumerOf, laneFilter, tickLevel } from "../encode/subjects.ts"
import type { Lane } from "../broker/broker.ts"
import { consumerDiffers, consumerMissing, type ServerError, serverFailure } from "./error-codes.ts"
import { type Api, sound } from "./api.ts"
import { failure } from "./messages.ts"

/** How far a consumer has come. */
interface Progress {
  readonly consumer_seq: number
  readonly stream_seq: number
  /** Forgotten when the server starts again, or another one leads. */
  readonly last_active?: string
}

export interface ConsumerInfo {
  readonly name: string
  readonly delivered: Progress
  readonly ack_floor: Progress
  readonly num_pending: number
  readonly config: { readonly filter_subject?: string; readonly ack_policy: string }
  readonly num_waiting: number
  readonly num_ack_pending: number
  readonly error?: ServerError
}

export interface Consumers {
  ensure(lane: Lane): Promise<void>
  waiting(lane: Lane): Promise<number>
}

const nanoseconds = 1_000_000

/** The lease of a tick, in milliseconds: done in a moment, and by two at once without harm, it does not wait long for another worker. */
const tickLease = 5_000

export const makeConsumers = (
  api: Api,
  namespace: string,
  stream: string,
  lease: number
): Consumers => ({
  ensure: async (lane) => {
    const name = consumerOf(lane.queue, lane.level)
    const filter = laneFilter(namespace, lane.queue, lane.level)
    const doing = `creating the consumer ${name} of ${stream}`
    const config = {
      name,
      durable_name: name,
      filter_subject: filter,
      deliver_policy: "all",
      replay_policy: "instant",
      ack_policy: "explicit",
      ack_wait: (lane.level === tickLevel ? Math.min(lease, tickLease) : lease) * nanoseconds,
      max_deliver: -1,
      max_ack_pending: 100_000,
      max_waiting: 100_000
    }
    const created = await api<ConsumerInfo>(
      `CONSUMER.CREATE.${stream}.${name}.${filter}`,
      { stream_name: stream, config, action: "create" },
      doing
    )
    if (created.error === undefined) return
    if (!consumerDiffers.has(created.error.err_code)) throw serverFailure(doing, created.error)
    // An operator's limits are kept: versions of a worker that each "correct" them would take turns for ever.
    const found = sound(
      doing,
      await api<ConsumerInfo>(`CONSUMER.INFO.${stream}.${name}`, {}, doing)
    )
    if (found.config.filter_subject !== filter || found.config.ack_policy !== "explicit") {
      throw failure(
        "Misconfigured",
        `the consumer ${name} of ${stream} takes ${found.config.filter_subject ?? "everything"} with ack policy ${found.config.ack_policy}; it must take ${filter} with ack policy explicit. Delete it (\`nats consumer rm ${stream} ${name}\`) and start the worker again.`
      )
    }
  },
  /** Requests that wait, and one more when a call is out: its worker is busy, not absent. */
  waiting: async (lane) => {
    const name = consumerOf(lane.queue, lane.level)
    const doing = `looking for workers of ${name}`
    const info = await api<ConsumerInfo>(`CONSUMER.INFO.${stream}.${name}`, {}, doing)
    if (info.error?.err_code === consumerMissing) return 0
    const { num_waiting: asking, num_ack_pending: out } = sound(doing, info)
    return asking + (out > 0 ? 1 : 0)
  }
})
