/**
 * Calls that a worker cannot do and has put back, for another one. Some of that belongs to any deploy; what has waited for
 * longer, and still comes, is told once and named by health: from outside, a queue whose workers take from it looks served.
 */
import { inWords } from "../define/duration.ts"
import type { Print } from "../define/print.ts"
import { roughly, type Call, type Observer, type PutBack } from "../engine/index.ts"
import type { Broker } from "../broker/broker.ts"

/** What has waited for less than this is no news, in milliseconds. */
const noticeable = 15_000

/** How much longer than its wait a call counts as waiting, in milliseconds: next time, and the time after, another worker may be handed it. */
const margin = 30_000

/** How many are named at a time, and how many are told in all: a client could send any number of names. */
const most = 50
const mostTold = 1_000

/** What cannot be done here. */
export interface Stranger {
  /** Such as "calls of mail.send". */
  readonly what: string
  readonly queue: string
  /** Why not, and what to do about it. */
  readonly why: string
  /** What helps once they are dead letters, too. */
  readonly afterwards: string
}

/** Moments are of the clock that only goes on, but for `since`. */
interface Seen {
  readonly stranger: Stranger
  readonly patience: number
  /** Of the one that has waited longest, and until when that one is taken to wait. */
  readonly since: number
  readonly oldestUntil: number
  /** Until when any is. */
  readonly until: number
}

/** A call of a task that is not served here; with `why`, of another version of its contract than the one here. */
const strangerOf = ({ message: { task }, parts: { queue } }: Call, why?: string): Stranger =>
  why === undefined
    ? {
        what: `calls of ${task}`,
        queue,
        why: `this worker does not serve that task: start a worker that serves ${task}, with queues: ["${queue}"]`,
        afterwards: "to the queue that has the task now"
      }
    : {
        what: `calls of ${task} with another version of its contract`,
        queue,
        why: "do not fit the one that this worker has: start a worker with the version that they were made with, or mend the contract so that it takes both",
        afterwards: "once there is such a worker"
      }

export class Strangers implements Partial<Observer> {
  readonly #broker: Pick<Broker, "now" | "elapsed">
  readonly #print: Print
  readonly #seen = new Map<string, Seen>()
  readonly #told = new Set<string>()

  constructor(broker: Pick<Broker, "now" | "elapsed">, print: Print) {
    this.#broker = broker
    this.#print = print
  }

  readonly parked: Observer["parked"] = (call, left, why) =>
    this.putBack(strangerOf(call, why), left)

  /** A call has been put back. */
  putBack(stranger: Stranger, { since, wait, patience }: PutBack): void {
    if (this.#broker.now() - since < noticeable) return
    const now = this.#broker.elapsed()
    const until = now + wait + margin
    const key = `${stranger.queue} ${stranger.what}`
    const before = this.#seen.get(key)
    const younger =
      before !== undefined &&
      before.since < since &&
      now < before.oldestUntil &&
      !this.#isGivenUp(before)
    const oldest = younger
      ? { since: before.since, oldestUntil: before.oldestUntil }
      : { since, oldestUntil: until }
    const seen = { stranger, patience, ...oldest, until: Math.max(until, before?.until ?? 0) }
    if (before === undefined && this.#seen.size >= most) this.#clear(now)
    if (before !== undefined || this.#seen.size < most) this.#seen.set(key, seen)
    if (this.#told.has(key) || this.#told.size >= mostTold) return
    this.#told.add(key)
    this.#print(this.#words(seen))
  }

  /** Forgets those that come no more. */
  #clear(now: number): void {
    for (const [key, { until }] of this.#seen) if (until <= now) this.#seen.delete(key)
  }

  /** A sentence for each that is taken to wait now. */
  problems(): ReadonlyArray<string> {
    const now = this.#broker.elapsed()
    return [...this.#seen.values()]
      .filter((seen) => now < seen.until && !this.#isGivenUp(seen))
      .map((seen) => this.#words(seen))
  }

  /** Whether patience with the oldest is over: whoever was handed it last has given it up, here or elsewhere. */
  #isGivenUp({ since, patience }: Seen): boolean {
    return this.#broker.now() - since >= patience
  }

  #words({ stranger, since, patience }: Seen): string {
    const { what, queue, why, afterwards } = stranger
    const long = roughly(this.#broker.now() - since)
    return `${what} wait on queue "${queue}", for ${long}, and ${why}; what nobody does within ${inWords(patience)} (patience) becomes a dead letter, which can be redriven ${afterwards}.`
  }
}
