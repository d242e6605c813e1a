/** A worker: takes calls of its tasks from their queues, executes them, and carries every run onwards. */
import * as Context from "effect/Context"
import { whyNotPrinted } from "../define/print.ts"
import { Engine, observers } from "../engine/index.ts"
import type { Broker, Delivery } from "../broker/broker.ts"
import { after, within } from "../broker/time.ts"
import { answerAsked } from "./answers.ts"
import { counting, noCounts, type Counters } from "./counters.ts"
import { endOf, watchEnd } from "./end.ts"
import { atExit } from "./exit.ts"
import { sayFarewell } from "./last-words.ts"
import { Fetcher } from "./fetcher.ts"
import { workerHealth, type WorkerHealth } from "./health.ts"
import { isForTicks, lanesOf, type Served } from "./lanes.ts"
import { Leases } from "./heartbeat.ts"
import type { Housekeeper } from "./housekeeper.ts"
import { housekeeperOf } from "./housekeeping.ts"
import { LeftBehind } from "./left-behind.ts"
import { workerLog } from "./log.ts"
import { Pipeline } from "./pipeline.ts"
import { type Busy, Running } from "./running-handlers.ts"
import { workerName, type WorkerSettings } from "./settings.ts"
import { Strangers } from "./strangers.ts"
import { Ticks } from "./ticks.ts"
import { Waits } from "./waits.ts"

/** How long what has ended, or was told to stop, may take to be stored when the grace is over, in milliseconds. */
const lastMoment = 1_000

export class WorkerLoop {
  readonly name: string
  readonly #running = new Running()
  readonly #leases: Leases
  readonly #engine: Engine
  readonly #fetchers: ReadonlyArray<Served & { readonly fetcher: Fetcher }>
  readonly #settings: WorkerSettings
  readonly #broker: Broker
  readonly #counters: Counters = noCounts()
  readonly #housekeeper: Housekeeper
  readonly #waits: Waits
  readonly #unknown: Strangers
  #state: WorkerHealth["state"] = "working"
  #listening: ReadonlyArray<{ stop(): void }> = []
  #returning: { stop(): void } | undefined
  #drained: Promise<boolean> | undefined
  /** What could not be stored while the worker stops. */
  readonly #left = new LeftBehind()
  #unhook: () => void = () => {}

  constructor(broker: Broker, settings: WorkerSettings, name: string = workerName()) {
    this.name = name
    this.#broker = broker
    this.#settings = settings
    const log = workerLog(settings.print, settings.log)
    this.#unknown = new Strangers(broker, settings.print)
    const observer = observers(log, counting(this.#counters), this.#unknown)
    const { tasks, crashes, patience } = settings
    const engine = new Engine({
      broker,
      worker: name,
      tasks,
      crashes,
      patience,
      handlers: this.#running,
      observer,
      roomLog: log
    })
    this.#engine = engine
    const ticks = new Ticks(engine, settings.print)
    this.#leases = new Leases(broker, (milliseconds) => {
      this.#counters.blocked += 1
      log.blocked(milliseconds)
    })
    this.#waits = new Waits(broker, settings.print, (queue) =>
      this.#fetchers.find(({ lane }) => lane.queue === queue)?.fetcher.health()
    )
    const pipeline = new Pipeline({
      engine,
      observer,
      running: this.#running,
      waits: this.#waits,
      leases: this.#leases,
      services: settings.services ?? Context.empty(),
      timeout: settings.timeout,
      log
    })
    const failed = (error: unknown, delivery: Delivery): Promise<void> =>
      this.#left.leave(error, delivery, engine, this.#state) ??
      engine.failed(delivery, error).catch((cause) => log.left(delivery.subject, cause))
    this.#fetchers = lanesOf(settings).map(({ lane, slots }) => ({
      lane,
      slots,
      fetcher: new Fetcher({
        leases: this.#leases,
        noRoom: engine.room,
        receive: (delivery, slot) =>
          isForTicks(lane) ? ticks.see(delivery) : pipeline.receive(delivery, slot),
        // A tick that comes again says so: whoever gets it looks what was done.
        giveBack: async (delivery) =>
          isForTicks(lane) ? delivery.release() : engine.giveBack(delivery),
        failed
      })
    }))
    this.#housekeeper = housekeeperOf({ engine, leases: this.#leases, ticks }, settings, failed)
  }

  async start(): Promise<void> {
    const told = { ...this.#settings, worker: this.name, running: this.#running }
    const listening = [this.#running.listen(this.#broker), answerAsked(this.#broker, told)]
    this.#listening = await Promise.all(listening)
    // A call that is asked after meanwhile asks again.
    this.#returning = this.#broker.onReconnect(
      () => void this.#engine.lookForCancels().catch(() => {})
    )
    await Promise.all([
      this.#engine.lookForCancels(),
      this.#housekeeper.start(),
      ...this.#fetchers.map(({ lane, slots, fetcher }) => fetcher.open(this.#broker, lane, slots))
    ])
    const unwatch = watchEnd()
    const unhook = atExit(() => this.#lastWords())
    this.#unhook = () => {
      unwatch()
      unhook()
    }
    void this.#broker.ended.then(() => this.#unhook())
    // Only now: what is queued must not begin before it is known which runs somebody has cancelled.
    for (const { fetcher } of this.#fetchers) fetcher.begin()
    this.#housekeeper.begin()
  }

  /** Handlers running now. */
  get busy(): number {
    return this.#running.size
  }

  /** The handlers running now. */
  get steps(): ReadonlyArray<Busy> {
    return this.#running.busy(this.#broker.elapsed())
  }

  /** Answers within two seconds, also without a connection. */
  async health(): Promise<WorkerHealth> {
    const health = await this.#broker.health()
    const told = this.#fetchers.filter(({ lane }) => !isForTicks(lane))
    const lanes = told.map(({ fetcher }) => fetcher.health())
    const troubles = [this.#waits, this.#unknown, this.#housekeeper].flatMap((it) => it.problems())
    return workerHealth(health, troubles, {
      worker: this.name,
      state: this.#state,
      busy: this.busy,
      overrunning: lanes.reduce((sum, { overrunning }) => sum + overrunning, 0),
      leases: this.#leases.size,
      lanes,
      eventLoop: this.#leases.eventLoop,
      counters: { ...this.#counters },
      notes: [...whyNotPrinted(this.#settings.print), ...this.#housekeeper.blind.notes()],
      noRoom: this.#engine.room.problem
    })
  }

  /**
   * Takes nothing more, lets what runs finish within `grace` milliseconds, and sends the rest back to its queue. Resolves a
   * second later at the latest, with whether all was stored; what was not is left to its lease, and named in a line.
   */
  drain(grace: number): Promise<boolean> {
    return (this.#drained ??= this.#drain(grace))
  }

  /** Gives back what runs, without waiting for the grace to be over. */
  hurry(): void {
    this.#giveUp()
  }

  #giveUp(): void {
    this.#running.stopAll("draining")
    this.#engine.room.stop()
  }

  async #drain(grace: number): Promise<boolean> {
    this.#state = "draining"
    this.#running.stop()
    this.#engine.room.sayWhatWaits()
    const cancel = after(grace, () => this.#giveUp())
    const kept = this.#housekeeper.stop()
    this.#waits.stop()
    const idle = Promise.all([
      kept,
      ...this.#fetchers.map(({ fetcher }) => fetcher.stop().then(() => fetcher.idle()))
    ])
    const inTime = await within(grace + lastMoment, idle)
    cancel()
    // Whatever still comes of it counts for nothing.
    this.#giveUp()
    this.#letGo()
    const line = this.#left.told(this.name)
    if (line !== undefined) this.#settings.print(line)
    this.#unhook()
    this.#leases.stop()
    for (const listening of this.#listening) listening.stop()
    this.#returning?.stop()
    this.#engine.stop()
    this.#state = "drained"
    return inTime && line === undefined
  }

  /** Gives back the leases of all that is still held. */
  #letGo(): void {
    for (const delivery of this.#leases.held) {
      this.#left.add(delivery)
      delivery.release()
    }
    this.#broker.flush()
  }

  /** The process ends now: what has begun here begins elsewhere without waiting for its lease to run out. */
  #lastWords(): void {
    // First, so that nothing of it is handed to this process again.
    for (const { fetcher } of this.#fetchers) void fetcher.stop()
    const { undecided } = this.#running
    if (undecided.length > 0) {
      const end = endOf(process.exitCode ?? undefined)
      const moment = { worker: this.name, end, running: undecided, elapsed: this.#broker.elapsed() }
      sayFarewell(moment, (words) => this.#engine.lastWords(words))
    }
    this.#letGo()
  }
}
