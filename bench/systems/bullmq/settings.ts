/** What BullMQ's worker and client share: the connection, the queue's name, and what is kept of a finished job. */
import type { Place } from "../../system.ts"

export const queueName = "bench"

/** Options of ioredis; BullMQ asks for `maxRetriesPerRequest: null` in workers. */
export function connection(place: Place) {
  const { hostname, port } = new URL(place.addresses.redis as string)
  return {
    host: hostname,
    port: Number(port),
    maxRetriesPerRequest: null
  }
}

/** A result can be read for an hour, and of at most 100,000 jobs: more than are waited for at a time. */
export const keep = { age: 3600, count: 100_000 }

/** A job writes four events; the default of 10,000 would be cut off before the client has read it. */
export const events = { maxLen: 400_000 }

/** A number for `inc`, absent where it comes from the child; a text for `echo`; nothing for `sum`. */
export interface Data {
  readonly value?: number
  readonly text?: string
}
