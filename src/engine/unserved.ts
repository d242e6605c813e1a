/** A queue in which calls wait while no worker takes from it: how it is told to people. */
import { inWords } from "../define/duration.ts"
import { laneFilter, parseSubject, systemQueue } from "../encode/subjects.ts"
import type { Broker, Lane, Stored } from "../broker/broker.ts"

export interface Unserved {
  readonly queue: string
  /** How many calls wait. */
  readonly calls: number
  /** Of the call that has waited longest. */
  readonly task: string | undefined
  /** How long nobody has taken from it, in milliseconds, as far as whoever tells it has seen. */
  readonly lasts: number
}

/** The call of a lane that has waited longest. */
export const oldestIn = async (
  broker: Pick<Broker, "facts" | "page">,
  { queue, level }: Lane
): Promise<Stored | undefined> =>
  (await broker.page(laneFilter(broker.facts.namespace, queue, level), 1)).records[0]

/** The task that a stored call is for; none in the system lane, where no tasks wait. */
export const taskIn = (call: Stored | undefined): string | undefined => {
  const task = parseSubject(call?.subject ?? "")?.task
  return task === "_" ? undefined : task
}

/** What is wrong, and what to do about it; `patience`, in milliseconds, where it is known how long workers leave it so. */
export const unservedWords = (
  { queue, calls, task, lasts }: Unserved,
  patience?: number
): string => {
  const long = roughly(lasts)
  if (queue === systemQueue) {
    return `${many(calls)} of this namespace ${calls === 1 ? "waits" : "wait"} to be begun, and no worker is there, for ${long}: start one`
  }
  const what = task === undefined ? "" : `: ${many(calls)}, the oldest of task ${task}`
  const end =
    patience === undefined
      ? "what waits for longer than the patience of the workers of other queues"
      : `what has waited for ${inWords(patience)} (patience)`
  return `calls wait on queue "${queue}" and no worker takes from it, for ${long}${what}. Start a worker that serves ${task ?? "its tasks"}, and that queue (queues: ["${queue}"]); ${end} becomes a dead letter, which can be redriven to another queue.`
}

const many = (calls: number): string => (calls === 1 ? "1 call" : `${calls} calls`)

/** In seconds, in minutes from two of them on, in hours from two of these on, and in days likewise. */
export const roughly = (milliseconds: number): string => {
  const unit = [86_400_000, 3_600_000, 60_000].find((unit) => milliseconds >= 2 * unit) ?? 1_000
  return inWords(Math.max(1, Math.round(milliseconds / unit)) * unit)
}
