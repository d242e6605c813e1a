/** The engine as a worker has it: what a call is, what becomes of it, and what follows from it. */
import type { TaskDefinition } from "../define/definition.ts"
import { runningSince } from "../broker/time.ts"
import type { Broker, Delivery } from "../broker/broker.ts"
import { Advancer } from "./flow/advancer.ts"
import type { Handlers, Handling } from "./call/handling.ts"
import type { Job } from "./call/job.ts"
import { handlingFailed } from "./call/hopeless.ts"
import { noteLastWords, type LastWords } from "./call/last-words.ts"
import { Calls } from "./call/calls.ts"
import { Receiver } from "./call/receiver.ts"
import { requeue } from "./call/requeue.ts"
import type { Context } from "./context.ts"
import { Frames } from "./flow/frame-store.ts"
import { Joiner } from "./flow/joiner.ts"
import type { Observer } from "./observer.ts"
import { Records } from "./records.ts"
import { NoRoom, type RoomLog } from "./room/no-room.ts"
import { tick } from "./schedule/tick.ts"
import { PendingCancels } from "./run/pending-cancels.ts"

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
  /** Reads deliveries: they become jobs, or are dealt with. */
  readonly receiver: Receiver
  /** What becomes of the calls that are executed here. */
  readonly calls: Calls
  readonly #engine: Context
  readonly #handling: Handling
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
    this.receiver = new Receiver(this.#handling)
    this.calls = new Calls(this.#handling)
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

  /** Does what is due of a schedule. Rejects when it could not be done: then the tick comes again. */
  tick(delivery: Delivery): Promise<void> {
    return tick(this.#engine.records, delivery)
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

  /** Leaves a note at a step that ends with this process, without waiting for anything. */
  lastWords(words: LastWords): void {
    noteLastWords(this.#engine.records, words)
  }
}
