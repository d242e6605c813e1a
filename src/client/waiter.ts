/** Waits for the outcome of one run: the inbox is the fast path, the stored record the truth. */
import { inWords } from "../define/duration.ts"
import type { PlanNode } from "../define/plan.ts"
import { startedAt } from "../encode/identity.ts"
import { Unreadable } from "../encode/parcel.ts"
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
import type { NobodyServes } from "./nobody.ts"
import { unreadableResult } from "./unreadable.ts"
import type { Listener, Replies } from "./replies.ts"

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
        message: `the outcome of run ${run} is no longer kept: it was started at ${since}, longer ago than outcomes are kept here (${inWords(keep)} after the end). Keep them longer with connect({ retention }) where runs are started, or store what matters in the task itself.`
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

/** What all who wait in one process share. */
export interface Waiting {
  readonly records: Records
  readonly replies: Replies
  readonly nobody: NobodyServes
  /** How long outcomes are kept, in milliseconds. */
  readonly keep: number
}

/** Waits for one run on behalf of everybody in this process who asks for it. */
export class Waiter implements Listener {
  readonly #shared: Waiting
  readonly address: RunAddress
  /** Of a run of this process. */
  readonly #plan: PlanNode | undefined
  #arrived: Verdict | undefined
  #waiting: Promise<Verdict> | undefined
  #tell: ((verdict: Verdict) => void) | undefined
  #fail: ((cause: unknown) => void) | undefined
  #foreign: Subscription | undefined
  #stopped = false

  /** A run of this process, the one with a `plan`, is listened for from now on, so create its waiter before it starts. */
  constructor(shared: Waiting, address: RunAddress, plan?: PlanNode) {
    this.#shared = shared
    this.address = address
    this.#plan = plan
    if (plan !== undefined) shared.replies.own(address.run, this)
  }

  /** Resolves with the outcome; rejects when there is none and never will be. Ask only once the start is stored. */
  verdict(): Promise<Verdict> {
    if (this.#arrived !== undefined) return Promise.resolve(this.#arrived)
    if (this.#waiting !== undefined) return this.#waiting
    const waiting = new Promise<Verdict>((resolve, reject) => {
      this.#tell = resolve
      this.#fail = reject
    })
    this.#waiting = waiting
    this.#stopped = false
    this.#shared.replies.ask(this)
    if (this.#plan === undefined) void this.#listen()
    return waiting
  }

  stop(): void {
    this.#stopped = true
    this.#shared.replies.leave(this.address.run, this)
    this.#foreign?.stop()
  }

  arrive(verdict: Verdict): void {
    this.#arrived = verdict
    this.stop()
    this.#tell?.(verdict)
  }

  async look(thoroughly: boolean): Promise<void> {
    if (this.#arrived !== undefined) return
    try {
      await (thoroughly ? this.#look() : this.#peek())
    } catch (cause) {
      const never = cause instanceof UnknownRun || cause instanceof ResultExpired
      if (cause instanceof Unreadable) this.#giveUp(unreadableResult(this.address, cause))
      else if (never || isFinal(cause)) this.#giveUp(cause)
    }
  }

  overdue(): void {
    if (this.#plan !== undefined) this.#shared.nobody.look(this.address, this.#plan)
  }

  end(): void {
    this.#giveUp(closed(this.address))
  }

  #giveUp(cause: unknown): void {
    this.#waiting = undefined
    this.stop()
    this.#fail?.(cause)
  }

  async #listen(): Promise<void> {
    const { owner, instance, run } = this.address
    try {
      this.#foreign = await this.#shared.replies.foreign(owner, instance, run, this)
      if (this.#arrived !== undefined || this.#stopped) return this.#foreign.stop()
      await this.#look()
    } catch (cause) {
      this.#giveUp(cause instanceof Unreadable ? unreadableResult(this.address, cause) : cause)
    }
  }

  async #peek(): Promise<void> {
    const verdict = await this.#shared.records.outcome(this.address, runPlace)
    if (verdict !== undefined) this.arrive(verdict)
  }

  async #look(): Promise<void> {
    const { records, keep } = this.#shared
    const known = await lookUp(records, this.address, keep)
    if (known === "unknown" || known === "expired") throw absent(this.address, known, keep)
    if (typeof known !== "string") this.arrive(known)
  }
}
