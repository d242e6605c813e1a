/** What the engine does with a call in the hands of a worker that executes it: from its beginning to what follows from its outcome. */
import type { TaskDefinition } from "../../define/definition.ts"
import { onceThere, type Soon } from "../../define/awaitable.ts"
import { kinds } from "../../encode/kinds.ts"
import { isFinal } from "../../broker/errors.ts"
import type { Context } from "../context.ts"
import { deadLetter } from "../dead/bury.ts"
import { commitAt } from "../flow/ender.ts"
import { isStart } from "../flow/position.ts"
import { perCall } from "../room/needs.ts"
import { intervals, scheduleRepair } from "../run/run-timers.ts"
import { joinArguments } from "../value.ts"
import { type Committed, crashText, type Verdict } from "../verdict.ts"
import {
  type Crashed,
  type Ended,
  type FailedExecution,
  type Foreign,
  outcomeOf
} from "./decide.ts"
import { expand } from "./expand.ts"
import { handOverForeign } from "./hand-over.ts"
import type { Handling } from "./handling.ts"
import { inlineNext, isStillInTime, type InlineJob } from "./inline-next.ts"
import type { Job } from "./job.ts"
import { noteBegun } from "./losses.ts"
import { runIsOver } from "./recheck.ts"
import { retry } from "./retry.ts"
import type { Grows } from "../room/growth.ts"

/** What is taken and stored around a step while its handler runs. */
export interface Around {
  /** It runs no longer, so its scope may be counted. May be called again. */
  readonly leave: () => void
  /** All that follows from it is stored: of a step that begins its run. */
  readonly done?: () => void
  /** Its run would be begun again if it came to stand still: stored before anything follows from the start; the handler need not wait for it. */
  readonly kept?: Promise<void>
}

const alone: Around = { leave: () => {} }

export class Calls {
  readonly #handling: Handling
  readonly #engine: Context
  readonly #tasks: ReadonlyMap<string, TaskDefinition>

  constructor(handling: Handling) {
    this.#handling = handling
    this.#engine = handling.engine
    this.#tasks = handling.tasks
  }

  /** Notes, right before it begins, that workers were lost with a job, and takes it from whoever may still hold it. */
  async suspected(job: Job): Promise<void> {
    const { engine, handlers } = this.#handling
    const { delivery, run, message, suspect } = job
    const { owner } = run.address
    const { deliveries } = delivery
    handlers.take(engine.broker, { owner, run: message.run, step: message.step, deliveries })
    await noteBegun(this.#handling, job, suspect!.losses)
  }

  /** Begins a job here. Rejects with `NotNow` when there is no room for its run to begin. */
  enter(job: Job): Soon<Around> {
    if (!isStart(job.at)) return this.goOn(job)
    const engine = this.#engine
    const { delivery, run } = job
    return onceThere(engine.growth.enter(needsOfStart(delivery)), (done) => {
      const kept = scheduleRepair(engine, run, delivery)
      kept.catch(() => {})
      return { leave: this.goOn(job).leave, done, kept }
    })
  }

  /** Begins a job that begins no run. */
  goOn({ place, run }: Job): Around {
    return place.kind === kinds.outcome && place.index !== "_"
      ? { leave: this.#engine.joiner.enter(run.address, place.node) }
      : alone
  }

  /** Its arguments as one list, in JSON; or its crash, when they cannot be had any more, or are too large. */
  input(job: Job): Soon<string | Crashed> {
    const { args, first } = job.message
    return args === undefined && first === undefined
      ? (job.slots[0] ?? "[]")
      : this.#inputElsewhere(job)
  }

  /** Arguments, or the one among those that are given that arrived, from where they are kept. */
  async #inputElsewhere({ run, message, slots }: Job): Promise<string | Crashed> {
    const { records } = this.#engine
    try {
      const { args, first, open } = message
      const value = await records.resolve(run.address, { reference: args ?? first! })
      return args === undefined ? joinArguments(value, slots[0] ?? "[]", open) : value
    } catch (cause) {
      if (!isFinal(cause)) throw cause
      return { as: "crashed", text: crashText("InputUnavailable", cause) }
    }
  }

  /**
   * Whether the run is over, where the place of an outcome may have been removed since the job was begun: half the time ago
   * after which that is done at the soonest. A run's own stays as long as it is kept.
   */
  isGone({ place, run }: Job, began: number): false | Promise<boolean> {
    const engine = this.#engine
    const stays = intervals[place.kind === kinds.outcome ? "collectSoon" : "collect"]
    return engine.broker.now() - began > stays / 2 && runIsOver(engine, run)
  }

  /** Leaves it to a worker with another version of its contract, or gives it up when patience is over. */
  handOver(job: Job, foreign: Foreign): Promise<void> {
    return handOverForeign(this.#handling, job, foreign)
  }

  /** Puts a returned workflow in its place, and acks it; `stored` is called when that is stored. */
  expand(job: Job, plan: string, stored: () => void): Promise<void> {
    return expand(this.#handling, job, plan, stored)
  }

  /** Has another attempt follow, and acks it. */
  async retry(job: Job, failure: FailedExecution, wait: number): Promise<void> {
    const left = await retry(this.#engine, job, failure, wait)
    this.#handling.observer.retried(job, failure, left)
    job.delivery.ack()
  }

  /** The outcome that an execution offers. */
  outcome(job: Job, ended: Ended, began: number): Verdict {
    return outcomeOf(this.#engine, job, ended, began)
  }

  /** Stores an outcome unless there is one; the answer is the one that is stored. `letter`: first it is kept as a dead letter, which says so. */
  commit(job: Job, offered: Verdict, letter?: string): Promise<Committed> {
    const { delivery, at, place, run, message } = job
    if (letter === undefined) return commitAt(this.#engine, at, offered, place)
    const why = { name: message.step, reason: letter }
    return deadLetter(this.#engine, delivery, run.address, why).then(() =>
      commitAt(this.#engine, at, offered, place)
    )
  }

  /** The job that this worker can go on with once the outcome is stored, instead of having its call stored. */
  inlineNext(job: Job, offered: Verdict): InlineJob | undefined {
    return inlineNext(this.#engine, this.#tasks, job, offered)
  }

  /** Whether it still can, now that the outcome is stored: that has taken its time, and the run may have ended. */
  canGoOn({ run, message }: Job, next: InlineJob): boolean {
    const { engine, handlers } = this.#handling
    return (
      !handlers.hasClosed(run.address.owner, message.run, message.scopes) &&
      isStillInTime(engine, next)
    )
  }

  /** Does what follows from an outcome that is stored. */
  advance({ at }: Job, verdict: Verdict, again: boolean): Promise<void> | undefined {
    return this.#handling.advancer.advance(at, verdict, again)
  }
}

/** Of a run that begins with a call, which waits in its slot: its timer has a copy, and a call and an outcome come of it at least. */
export const needsOfStart = ({ body }: { readonly body: Uint8Array }): Grows => ({
  bytes: 2 * body.length + 2 * perCall,
  starts: true,
  inSlot: true
})
