/** A queue that nobody serves, as the housekeeper sees it. */
import type { LaneState } from "../broker/broker.ts"

export interface Watched {
  /** By the clock that only goes on, in milliseconds. */
  since: number
  seenAt: number
  looks: number
  lane: LaneState
  task: string | undefined
  told: boolean
}

/** What is said of calls that were ended there because their time was over. */
export const expiredWords = (queue: string, count: number): string =>
  `queue "${queue}": ${count === 1 ? "1 call has" : `${count} calls have`} ended as Expired: the worker that was handed ${count === 1 ? "it" : "them"} is gone, and the time to begin is over`
