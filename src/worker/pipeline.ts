/** Executes one call, and the steps behind it that this worker can go on with: one committed outcome each, all that follows from it, and only then the ack. */
import {
  decide,
  inTime,
  isFenced,
  whatFollows,
  type Around,
  type Committed,
  type Decision,
  type Ended,
  type Engine,
  type Job,
  type Observer,
  type Verdict
} from "../engine/index.ts"
import type { Delivery } from "../broker/broker.ts"
import { attempt, type AttemptOptions } from "./attempt.ts"
import { lookAfter } from "./stop.ts"
import type { Slot } from "./slots.ts"

export interface PipelineOptions extends AttemptOptions {
  readonly observer: Observer
}

export class Pipeline {
  readonly #options: PipelineOptions
  readonly #engine: Engine
  readonly #suspects = new Alone()

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#engine = options.engine
  }

  /** Resolves when nothing is left to do with a delivery. Rejects, or throws, when it is to be delivered again. */
  receive(delivery: Delivery, slot: Slot): Promise<void> {
    const job = this.#engine.receiver.receive(delivery)
    return job instanceof Promise
      ? job.then((job) => (job === undefined ? undefined : this.#begin(job, slot)))
      : this.#begin(job as Job, slot)
  }

  #begin(job: Job, slot: Slot): Promise<void> {
    const { suspect } = job
    if (suspect === undefined) return this.#execute(job, slot)
    const begin = async (): Promise<void> => {
      // What was lost before a first delivery has been noted by whoever found it; where nothing begins, nothing is lost.
      const begins = job.delivery.deliveries > 1 && this.#options.running.stopped === undefined
      if (begins) await this.#engine.calls.suspected(job)
      return this.#execute(job, slot)
    }
    return suspect.alone ? this.#suspects.run(begin) : begin()
  }

  /** One function for all of them, and no promise but where something is waited for: Node 20 calls hooks for every one. */
  async #execute(first: Job, slot: Slot): Promise<void> {
    const { broker, calls } = this.#engine
    const { observer, running } = this.#options
    const entered = calls.enter(first)
    const start = entered instanceof Promise ? await entered : entered
    let around = start
    let job = first
    try {
      for (;;) {
        const began = broker.now()
        observer.begun(job)
        const attempted = attempt(this.#options, job)
        const ended = attempted instanceof Promise ? await attempted : attempted
        if (ended.still !== undefined) lookAfter(this.#options, slot, job, ended)
        if (ended.execution.as !== "value") slot.executed()

        const decided = decide(job, ended.execution, ended.hints)
        const decision = inTime(job, decided, broker.now())
        if (decision.do !== "commit") return await this.#leave(job, decision, began, around)
        if (around.kept !== undefined) await around.kept
        const gone = calls.isGone(job, began)
        if (gone && (await gone)) return job.delivery.ack()

        const offered = calls.outcome(job, decision.ended, began)
        const { again } = job
        const next = again || running.stopping ? undefined : calls.inlineNext(job, offered)
        // The slot is kept for the next step.
        if (next === undefined) slot.executed()
        const committed = await calls.commit(job, offered, decision.letter)
        const goesOn = next !== undefined && !running.stopping && calls.canGoOn(job, next)
        const follows = whatFollows(
          decision.ended,
          committed.ours,
          again,
          goesOn ? next : undefined
        )
        if (typeof follows === "string") slot.stored()
        this.#report(job, decision.ended, offered, committed)
        around.leave()

        if (typeof follows === "string") {
          if (follows !== "nothing") {
            const done = calls.advance(job, committed.verdict, follows === "advance again")
            if (done !== undefined) await done
          }
          return job.delivery.ack()
        }
        job = follows
        around = calls.goOn(follows)
      }
    } finally {
      around.leave()
      start.done?.()
    }
  }

  /** Does what is to be done with a call that has no outcome here. */
  async #leave(
    job: Job,
    decision: Exclude<Decision, { readonly do: "commit" }>,
    began: number,
    around: Around
  ): Promise<void> {
    const engine = this.#engine
    const { calls } = engine
    switch (decision.do) {
      case "let go":
        return this.#options.observer.lost(job)
      case "give back":
        return engine.giveBack(job.delivery, job)
      case "hand over":
        await around.kept
        return calls.handOver(job, decision.foreign)
      case "retry":
      case "expand":
        await around.kept
        if (await calls.isGone(job, began)) return job.delivery.ack()
        if (decision.do === "retry") return calls.retry(job, decision.failure, decision.wait)
        return calls.expand(job, decision.plan, () => {
          this.#options.observer.replaced(job, engine.broker.now() - began)
          around.leave()
        })
    }
  }

  #report(job: Job, ended: Ended, offered: Verdict, committed: Committed): void {
    const { observer } = this.#options
    const { verdict, ours } = committed
    if (!ours && isFenced(ended, offered, committed)) observer.fenced(job, verdict.tag)
    const value = verdict.tag === offered.tag ? offered.value : verdict.value
    observer.ended(job, verdict.tag, verdict.ended - verdict.began, value)
  }
}

export class Alone {
  #last: Promise<void> = Promise.resolve()

  run<A>(work: () => Promise<A>): Promise<A> {
    const result = this.#last.then(work)
    this.#last = result.then(
      () => undefined,
      () => undefined
    )
    return result
  }
}
