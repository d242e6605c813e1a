/** The engine as a worker has it: what a call is, what becomes of it, and what follows from it. */
import type { TaskDefinition } from "../define/definition.ts"
import type { Soon } from "../define/awaitable.ts"
import { runningSince } from "../broker/time.ts"
import type { Broker, Delivery, LaneState } from "../broker/broker.ts"
import { Advancer } from "./flow/advancer.ts"
import { enter, enterScope, type Around } from "./call/around.ts"
import type { Ended } from "./call/decide.ts"
import type { Crashed, FailedExecution, Foreign } from "./call/execution.ts"
import { expand } from "./call/expand.ts"
import { endExpired } from "./call/expired-unserved.ts"
import { handOverForeign } from "./call/hand-over.ts"
import { hasClosed, type Handlers } from "./call/handlers.ts"
import type { Handling } from "./call/handling.ts"
import { mayHaveBegun, mayHaveGone, runIsOver } from "./call/history.ts"
import { handlingFailed } from "./call/hopeless.ts"
import { inlineNext, isStillInTime, type InlineJob } from "./call/inline-next.ts"
import { inputOf } from "./call/input.ts"
import type { Job } from "./call/job.ts"
import { noteLastWords, type LastWords } from "./call/last-words.ts"
import { noteBegun } from "./call/losses.ts"
import { outcomeOf } from "./call/outcome.ts"
import { Receiver } from "./call/receiver.ts"
import { requeue } from "./call/requeue.ts"
import { retry } from "./call/retry.ts"
import { commitAt } from "./flow/committer.ts"
import type { Context } from "./context.ts"
import { deadLetter } from "./dead/bury.ts"
import { placeOf } from "./flow/position.ts"
import { Frames } from "./flow/frame-store.ts"
import { Joiner } from "./flow/joiner.ts"
import type { Observer } from "./observer.ts"
import { Records } from "./records.ts"
import { NoRoom, type RoomLog } from "./room/no-room.ts"
import { putOffTick, type PutOff } from "./schedule/put-off.ts"
import { tick } from "./schedule/tick.ts"
import { PendingCancels } from "./run/pending-cancels.ts"
import type { Committed, Verdict } from "./verdict.ts"

/** What an engine is opened with. */
export interface EngineOptions {
  readonly broker: Broker
  /** This process, as outcomes name it. */
  readonly worker: string
  /** The tasks that are served here, by name. */
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  /** How many workers a call may cost before it is given up. */
  readonly crashes: number
  /** How long a call waits for another worker, in milliseconds. */
  readonly patience: number
  readonly handlers: Handlers
  readonly observer: Observer
  /** Told when there is no room, and when there is some again. */
  readonly roomLog: RoomLog
}

export class Engine {
  /** Keeps what finds no room instead of refusing it. */
  readonly broker: Broker
  readonly worker: string
  /** What waits for room. */
  readonly room: NoRoom
  readonly #engine: Context
  readonly #handling: Handling
  readonly #receiver: Receiver
  readonly #clearing: Receiver

  constructor({ broker, worker, observer, roomLog, ...options }: EngineOptions) {
    this.room = new NoRoom(broker, roomLog)
    this.broker = this.room.broker
    this.worker = worker
    const records = new Records(this.broker)
    const engine: Context = {
      broker: this.broker,
      records,
      frames: new Frames(records),
      joiner: new Joiner(this.broker),
      growth: this.room.growth,
      worker,
      since: runningSince(broker),
      repaired: (run) => observer.repaired(run)
    }
    this.#engine = engine
    const advancer = new Advancer(engine)
    const cancels = new PendingCancels(records)
    this.#handling = { engine, advancer, observer, cancels, ...options }
    this.#receiver = new Receiver(this.#handling)
    // Knows no task, so that it gives up all that it is handed.
    this.#clearing = new Receiver({ ...this.#handling, tasks: new Map(), unserved: true })
  }

  /** Looks which cancels wait, before the first call is taken and whenever the broker was away: what they are for does not begin. */
  lookForCancels(): Promise<void> {
    return this.#handling.cancels.look()
  }

  /** Looks after nothing more by itself. */
  stop(): void {
    this.#handling.cancels.stop()
  }

  /**
   * The job, where a delivery is a call that is to be executed here; else it is dealt with when this resolves: done, parked,
   * given up or buried. Rejects, or throws, when it could not be: see `failed`.
   */
  receive(delivery: Delivery): Soon<Job | void> {
    return this.#receiver.receive(delivery)
  }

  /** Does what is due of a schedule. Rejects when it could not be done: then the tick comes again, or is put off. */
  tick(delivery: Delivery): Promise<void> {
    return tick(this.#engine.records, delivery)
  }

  /** Has a tick that could not be done come again later. Rejects when that cannot be stored. */
  putOffTick(delivery: Delivery): Promise<PutOff> {
    return putOffTick(this.#engine.records, delivery)
  }

  /** Ends the calls of a queue that nobody serves whose time is over, although a worker was handed them: it is gone. Answers with how many. */
  endExpired(lane: LaneState): Promise<number> {
    return endExpired(this.#handling, lane)
  }

  /** Gives up a call of a queue that nobody serves, and whose patience is over. */
  async giveUp(delivery: Delivery): Promise<void> {
    await this.#clearing.receive(delivery)
  }

  /** What becomes of a delivery whose handling has failed: it is left to come again, parked for a newer release, or buried with its run. */
  failed(delivery: Delivery, cause: unknown): Promise<void> {
    return handlingFailed(this.#handling, delivery, cause)
  }

  /** Sends a delivery that is not executed here back to its queue, as one that has cost nobody anything. `job`: as it is to be stored. */
  async giveBack(delivery: Delivery, job?: Job): Promise<void> {
    await requeue(this.#engine, delivery, job)
    this.#handling.observer.givenBack(delivery.subject)
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
    return enter(this.#engine, job)
  }

  /** Its arguments as JSON; or its crash, when they cannot be had any more. */
  input(job: Job): Soon<string | Crashed> {
    return inputOf(this.#engine, job)
  }

  /** Whether somebody may have executed it before, and have done a part of what follows. */
  isAgain({ delivery, message }: Job): boolean {
    return mayHaveBegun(delivery, message)
  }

  /** Whether its run has ended and may have been collected since it began here, its fences with it: then nothing of it is stored any more. */
  isGone(job: Job, began: number): false | Promise<boolean> {
    const engine = this.#engine
    return mayHaveGone(engine, placeOf(job.at), began) && runIsOver(engine, job.run)
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
    const { delivery, at, run, message } = job
    if (letter === undefined) return commitAt(this.#engine, at, offered)
    const why = { name: message.step, reason: letter }
    return deadLetter(this.#engine, delivery, run.address, why).then(() =>
      commitAt(this.#engine, at, offered)
    )
  }

  /** The job that this worker can go on with once the outcome is stored, instead of having its call stored. */
  inlineNext(job: Job, offered: Verdict): InlineJob | undefined {
    const { engine, tasks } = this.#handling
    return inlineNext(engine, tasks, job, offered)
  }

  /** Whether it still can, now that the outcome is stored: that has taken its time, and the run may have ended. */
  canGoOn({ run, message }: Job, next: InlineJob): boolean {
    const { engine, handlers } = this.#handling
    return !hasClosed(handlers, run, message) && isStillInTime(engine, next)
  }

  /** Begins the job that it goes on with. */
  goOn(next: InlineJob): Around {
    return enterScope(this.#engine, next)
  }

  /** Does what follows from an outcome that is stored. */
  advance({ at }: Job, verdict: Verdict, again: boolean): Promise<void> | undefined {
    return this.#handling.advancer.advance(at, verdict, again)
  }

  /** Leaves a note at a step that ends with this process, without waiting for anything. */
  lastWords(words: LastWords): void {
    noteLastWords(this.#engine.records, words)
  }
}
