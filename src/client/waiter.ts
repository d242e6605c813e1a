/** Waits for the outcome of one run: the inbox is the fast path, the stored record the truth. */
import type { AnyNode } from "../define/plan.ts"
import { Unreadable } from "../encode/codec.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import {
  lookUp,
  runPlace,
  type Known,
  type Records,
  type Verdict,
  queuesIn,
  standing as standingIn
} from "../engine/index.ts"
import { absent } from "./absent.ts"
import { ResultExpired, UnknownRun } from "../result/errors.ts"
import type { Subscription } from "../broker/broker.ts"
import { BrokerError, isFinal } from "../broker/errors.ts"
import { forMany } from "../broker/signal.ts"
import { recordsUntil } from "./bounded.ts"
import type { NobodyServes } from "./no-worker-hint.ts"
import { unreadableResult } from "./unreadable.ts"
import type { Listener, Replies } from "./replies.ts"
import { isInStep, waitInStep } from "../define/context.ts"

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
  readonly #plan: AnyNode | undefined
  /** What the run does, where that is known. */
  readonly #steps: AnyNode | undefined
  /** Whether its start is known to have been stored. */
  #accepted = false
  #arrived: Verdict | undefined
  #waiting: Promise<Verdict> | undefined
  /** How many wait. */
  #interested = 0
  #tell: ((verdict: Verdict) => void) | undefined
  #fail: ((cause: unknown) => void) | undefined
  #foreign: Subscription | undefined
  /** Ends what is being asked on behalf of those who wait. */
  #end: AbortController | undefined

  /** A run of this process, the one with a `plan`, is listened for from now on, so create its waiter before it starts. */
  constructor(
    shared: Waiting,
    address: RunAddress,
    plan?: AnyNode,
    steps: AnyNode | undefined = plan
  ) {
    this.#shared = shared
    this.address = address
    this.#plan = plan
    this.#steps = steps
    if (plan !== undefined) shared.replies.own(address.run, this)
  }

  /** Resolves with the outcome; rejects when there is none and never will be. Ask only once the start is stored. */
  verdict(): Promise<Verdict> {
    if (this.#arrived !== undefined) return Promise.resolve(this.#arrived)
    this.#interested += 1
    if (this.#waiting !== undefined) return this.#waiting
    const waiting = new Promise<Verdict>((resolve, reject) => {
      this.#tell = resolve
      this.#fail = reject
    })
    this.#waiting = waiting
    this.#shared.replies.ask(this)
    if (this.#plan === undefined) void this.#listen(waiting)
    return waiting
  }

  /** One of those who wait for this verdict waits no more; when nobody does, nothing is asked any longer. */
  leave(waiting: Promise<Verdict>): void {
    if (this.#waiting !== waiting) return
    this.#interested -= 1
    if (this.#interested === 0) this.#rest()
  }

  /** The start is stored: if nothing is found of the run later on, it has been and is gone. */
  accept(): this {
    this.#accepted = true
    return this
  }

  /** Where the run stands now, also when a newer release has stored its outcome. */
  async standing(records: Records): Promise<Known | "newer"> {
    const known = await standing(records, this.address, this.#shared.keep, this.#accepted)
    if (known !== "unknown") this.#accepted = true
    return known
  }

  /** What is known of the run now. */
  async known(records: Records): Promise<Known> {
    const known = await lookUp(records, this.address, this.#shared.keep, this.#accepted)
    if (known !== "unknown") this.#accepted = true
    return known
  }

  stop(): void {
    this.#rest()
    this.#shared.replies.leave(this.address.run, this)
  }

  arrive(verdict: Verdict): void {
    this.#arrived = verdict
    const tell = this.#tell
    this.stop()
    tell?.(verdict)
  }

  async look(thoroughly: boolean): Promise<void> {
    if (this.#arrived !== undefined) return
    const waiting = this.#waiting
    try {
      await (thoroughly ? this.#look() : this.#peek())
    } catch (cause) {
      const never = cause instanceof UnknownRun || cause instanceof ResultExpired
      if (cause instanceof Unreadable) {
        this.#giveUp(waiting, unreadableResult(this.address, cause))
      } else if (never || isFinal(cause)) this.#giveUp(waiting, cause)
    }
  }

  overdue(): void {
    if (this.#steps !== undefined) this.#shared.nobody.look(this.address, this.#steps)
  }

  end(): void {
    this.#giveUp(this.#waiting, closed(this.address))
  }

  /** Nobody waits now; a run of this process is listened for all the same. */
  #rest(): void {
    this.#waiting = undefined
    this.#interested = 0
    this.#end?.abort()
    this.#end = undefined
    this.#foreign?.stop()
    this.#foreign = undefined
    this.#shared.replies.rest(this)
  }

  #giveUp(waiting: Promise<Verdict> | undefined, cause: unknown): void {
    if (this.#waiting !== waiting) return
    const fail = this.#fail
    this.stop()
    fail?.(cause)
  }

  async #listen(waiting: Promise<Verdict>): Promise<void> {
    const { owner, instance, run } = this.address
    try {
      const foreign = await this.#shared.replies.foreign(owner, instance, run, this)
      if (this.#waiting !== waiting) return foreign.stop()
      this.#foreign = foreign
      await this.#look()
    } catch (cause) {
      this.#giveUp(
        waiting,
        cause instanceof Unreadable ? unreadableResult(this.address, cause) : cause
      )
    }
  }

  get #records(): Records {
    this.#end ??= new AbortController()
    return recordsUntil(this.#shared.records, forMany(this.#end.signal))
  }

  async #peek(): Promise<void> {
    const verdict = await this.#records.outcome(this.address, runPlace)
    if (verdict !== undefined) this.arrive(verdict)
  }

  async #look(): Promise<void> {
    const known = await this.known(this.#records)
    if (known === "unknown" || known === "forgotten") {
      throw absent(this.#shared.records, this.address, known)
    }
    if (typeof known !== "string") this.arrive(known)
  }
}

/** Tells the step in whose handler this is called, if it is one, until the wait is over; nothing where it is not known what is waited for. */
export const waitingFor = <A>(plan: AnyNode | undefined, wait: Promise<A>): Promise<A> => {
  if (plan === undefined || !isInStep()) return wait
  const leave = waitInStep(() => queuesIn(plan))
  return leave === undefined ? wait : wait.finally(leave)
}

export const standing = async (
  records: Records,
  address: RunAddress,
  keep: number,
  accepted: boolean
): Promise<Known | "newer"> => {
  try {
    return await standingIn(records, address, keep, accepted)
  } catch (cause) {
    throw cause instanceof Unreadable ? unreadableResult(address, cause) : cause
  }
}
