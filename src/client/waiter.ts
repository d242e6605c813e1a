/** Waits for the outcome of one run: the inbox is the fast path, the stored record the truth. */
import { startedAt } from "../encode/identity.ts"
import { runFilter, runIdOf } from "../encode/subjects.ts"
import type { RunAddress } from "../encode/subjects.ts"
import { runPlace } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { firedTimerOf } from "../engine/run/start.ts"
import { callsBesides, retryTimers, waitingTimers } from "../engine/run/under-way.ts"
import type { Verdict } from "../engine/verdict.ts"
import { ResultExpired, UnknownRun } from "../result/failure.ts"
import type { Subscription } from "../transport/broker.ts"
import { BrokerError, isFinal } from "../transport/failure.ts"
import { every } from "../transport/time.ts"
import type { Replies } from "./replies.ts"

/** How often a waiter reads the stored outcome besides listening, in milliseconds. */
const slowPoll = 5_000

/**
 * Every how many polls it also asks whether the run is still there, which costs six counts besides: when a broker is so
 * busy that thousands of runs take longer than a poll, it must not be these questions that keep it busy.
 */
const thorough = 12

/** What the stream knows of a run. */
export type Known = Verdict | "pending" | "running" | "retrying" | "unknown" | "expired"

/** Looks a run up. `keep` is how long outcomes are kept, in milliseconds. */
export const lookUp = async (
  records: Records,
  address: RunAddress,
  keep: number
): Promise<Known> => {
  const stored = await records.outcome(address, runPlace)
  if (stored !== undefined) return stored
  const { broker, namespace } = records
  const isPast = broker.now() - startedAt(address.run) > keep
  // The call that collects a run is none of its own, when there may be nothing else.
  const asking = isPast ? firedTimerOf(namespace, address) : undefined
  const queued = (): Promise<number> => callsBesides(records, address, asking)
  const [retries, calls, timers, inner] = await Promise.all([
    retryTimers(records, address),
    queued(),
    waitingTimers(records, address),
    broker.count(runFilter(namespace, "i", address))
  ])
  if (retries > 0) return (await records.outcome(address, runPlace)) ?? "retrying"
  // A call that waits in a timer may have gone back to its queue between the two counts.
  const underWay = calls + timers > 0 || (await queued()) > 0
  if (underWay && inner === 0) return "pending"
  const since = await records.outcome(address, runPlace)
  if (since !== undefined) return since
  if (underWay) return "running"
  // Inner records stay for a while after the end, also when the outcome does not.
  if (isPast) return "expired"
  return inner > 0 ? "running" : "unknown"
}

/** The error for a run of which nothing is stored. */
export const absent = (
  address: RunAddress,
  known: "unknown" | "expired",
  keep: number
): UnknownRun | ResultExpired => {
  const run = runIdOf(address)
  const since = new Date(startedAt(address.run)).toISOString()
  return known === "expired"
    ? new ResultExpired({
        run,
        message: `the outcome of run ${run} is no longer kept: it was started at ${since}, and outcomes are kept for ${keep} ms after the end. Keep them longer with connect({ retention }), or store what matters in the task itself.`
      })
    : new UnknownRun({
        run,
        message: `nothing is known of run ${run}: its start was never accepted in this namespace, or the id is wrong. Compare namespace and server with those of the process that started it.`
      })
}

const closed = (address: RunAddress): BrokerError => {
  const run = runIdOf(address)
  return new BrokerError({
    reason: "Closed",
    message: `the connection was closed while run ${run} was awaited. The run goes on: attach(${JSON.stringify(run)}, workflow) from a new connection waits for it again.`
  })
}

/** Waits for one run on behalf of everybody in this process who asks for it. */
export class Waiter {
  readonly #records: Records
  readonly #replies: Replies
  readonly #address: RunAddress
  readonly #keep: number
  readonly #own: boolean
  readonly #stops: Array<() => void> = []
  #arrived: Verdict | undefined
  #tell: (verdict: Verdict) => void = () => {}
  #fail: (cause: unknown) => void = () => {}
  #waiting: Promise<Verdict> | undefined

  /** A run of this process (`own`) is listened for from now on, so create the waiter before the run starts. */
  constructor(records: Records, replies: Replies, address: RunAddress, keep: number, own: boolean) {
    this.#records = records
    this.#replies = replies
    this.#address = address
    this.#keep = keep
    this.#own = own
    if (!own) return
    this.#onStop(replies.own(address.run, (verdict) => this.#arrive(verdict)))
    // Also while nobody asks: a reply lost with the connection would be listened for as long as this process lives.
    this.#onStop(records.broker.onReconnect(() => this.#again(false)))
  }

  /** Resolves with the outcome; rejects when there is none and never will be. Ask only once the start is stored. */
  verdict(): Promise<Verdict> {
    if (this.#arrived !== undefined) return Promise.resolve(this.#arrived)
    return (this.#waiting ??= new Promise((resolve, reject) => {
      this.#tell = resolve
      this.#fail = (cause) => {
        this.#waiting = undefined
        this.stop()
        reject(cause)
      }
      let polls = 0
      this.#stops.push(every(slowPoll, () => this.#again(++polls % thorough === 0)))
      this.#onStop(this.#replies.onClose(() => this.#fail(closed(this.#address))))
      if (this.#own) return
      this.#onStop(this.#records.broker.onReconnect(() => this.#again(false)))
      this.#listen().catch(this.#fail)
    }))
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #again(thoroughly: boolean): void {
    const looked = thoroughly ? this.#look() : this.#peek()
    looked.catch((cause: unknown) => {
      const never = cause instanceof UnknownRun || cause instanceof ResultExpired
      if (never || isFinal(cause)) this.#fail(cause)
    })
  }

  async #listen(): Promise<void> {
    const { owner, instance, run } = this.#address
    const arrive = (verdict: Verdict): void => this.#arrive(verdict)
    this.#onStop(await this.#replies.foreign(owner, instance, run, arrive))
    await this.#look()
  }

  async #peek(): Promise<void> {
    const verdict = await this.#records.outcome(this.#address, runPlace)
    if (verdict !== undefined) this.#arrive(verdict)
  }

  async #look(): Promise<void> {
    const known = await lookUp(this.#records, this.#address, this.#keep)
    if (known === "unknown" || known === "expired") throw absent(this.#address, known, this.#keep)
    if (typeof known !== "string") this.#arrive(known)
  }

  #arrive(verdict: Verdict): void {
    this.#arrived = verdict
    this.stop()
    this.#tell(verdict)
  }

  #onStop(subscription: Subscription): void {
    if (this.#arrived === undefined) this.#stops.push(() => subscription.stop())
    else subscription.stop()
  }
}
