/** The lanes that a worker takes from, and how much of each at a time. */
import type { Lane } from "../broker/broker.ts"
import { normalLevel, systemQueue, tickLevel } from "../encode/subjects.ts"
import type { WorkerSettings } from "./settings.ts"

/** How many expansions and other housekeeping calls are handled at a time, besides the tasks. */
const systemSlots = 16

/** How many schedules are seen to at a time: each waits for the broker most of the time. */
const tickSlots = 64

export interface Served {
  readonly lane: Lane
  readonly slots: number
}

export const lanesOf = ({ queues, concurrency }: WorkerSettings): ReadonlyArray<Served> => [
  { lane: { queue: systemQueue, level: systemQueue }, slots: systemSlots },
  { lane: { queue: systemQueue, level: tickLevel }, slots: tickSlots },
  ...queues.map((queue) => ({ lane: { queue, level: normalLevel }, slots: concurrency }))
]

/** Whether ticks of schedules wait there. */
export const isForTicks = ({ level }: Lane): boolean => level === tickLevel
