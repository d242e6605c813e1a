/** A worker: takes calls of its tasks from their queues, executes them, and carries every run onwards. */
import * as Context from "effect/Context"
import { hostname } from "node:os"
import type { TaskDefinition } from "../define/definition.ts"
import { newInstance } from "../encode/identity.ts"
import { normalLevel, systemQueue } from "../encode/subjects.ts"
import { Advancer } from "../engine/advancer.ts"
import type { Engine } from "../engine/context.ts"
import { Frames } from "../engine/frames.ts"
import { Joiner } from "../engine/joiner.ts"
import { Records } from "../engine/records.ts"
import type { Broker, Delivery } from "../transport/broker.ts"
import { after, runningSince } from "../transport/time.ts"
import type { ReceiverOptions } from "./call.ts"
import { Clearing } from "./clearing.ts"
import { noCounts, type Counters } from "./counters.ts"
import { Fetcher } from "./fetcher.ts"
import { workerHealth, type WorkerHealth } from "./health.ts"
import { Leases } from "./lease.ts"
import { giveBack } from "./give-back.ts"
import { Housekeeper } from "./housekeeper.ts"
import { workerLog, type Print } from "./log.ts"
import { Pauses } from "./pauses.ts"
import { Receiver } from "./receiver.ts"
import { Revoked } from "./revoked.ts"
import { Running } from "./running.ts"

import { Waits } from "./waits.ts"

/** Calls executed at a time, when nothing else is said. */
export const defaultConcurrency = 20

/** How long a handler may take, when neither its call nor its contract says: 10 minutes. */
export const defaultTimeout = 600_000

/** How many expansions and other housekeeping calls are handled at a time, besides the tasks. */
const systemSlots = 16

export interface WorkerSettings {
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly queues: ReadonlyArray<string>
  readonly concurrency: number
  readonly timeout: number
  readonly crashes: number
  /** Milliseconds that calls nobody here knows wait for another worker. */
  readonly patience: number
  /** Milliseconds that running handlers get when the worker stops. */
  readonly grace: number
  readonly services?: Context.Context<never>
  readonly steps: boolean
  readonly print: Print
}

/** Names this process in outcomes and logs. */
export const workerName = (): string =>
  `${hostname().slice(0, 40)}-${process.pid}-${newInstance().slice(0, 4)}`

export class WorkerLoop {
  readonly name: string
  readonly #running = new Running()
  readonly #leases: Leases
  readonly #fetchers: ReadonlyArray<{ readonly queue: string; readonly fetcher: Fetcher }>
  readonly #settings: WorkerSettings
  readonly #broker: Broker
  readonly #counters: Counters = noCounts()
  readonly #revoked: Revoked
  readonly #housekeeper: Housekeeper
  readonly #waits: Waits
  #state: WorkerHealth["state"] = "working"
  #listening: { stop(): void } | undefined
  #returning: { stop(): void } | undefined
  #drained: Promise<void> | undefined

  constructor(broker: Broker, settings: WorkerSettings, name: string = workerName()) {
    this.name = name
    this.#broker = broker
    this.#settings = settings
    const records = new Records(broker)
    const log = workerLog(settings.print, settings.steps, this.#counters)
    const engine: Engine = {
      broker,
      records,
      frames: new Frames(records),
      joiner: new Joiner(broker),
      worker: name,
      since: runningSince(broker),
      repaired: (run) => log.repaired(run)
    }
    this.#leases = new Leases(broker, log.blocked)
    this.#revoked = new Revoked(records)
    this.#waits = new Waits(broker, settings.print, (queue) =>
      this.#fetchers.find((each) => each.queue === queue)?.fetcher.health()
    )
    const receiving: ReceiverOptions = {
      engine,
      advancer: new Advancer(engine),
      tasks: settings.tasks,
      running: this.#running,
      waits: this.#waits,
      leases: this.#leases,
      services: settings.services ?? Context.empty(),
      timeout: settings.timeout,
      crashes: settings.crashes,
      patience: settings.patience,
      log,
      revoked: this.#revoked
    }
    const receiver = new Receiver(receiving)
    const failed = (error: unknown, delivery: Delivery): Promise<void> =>
      receiver.failed(error, delivery).catch((cause) => log.left(delivery.subject, cause))
    this.#fetchers = [systemQueue, ...settings.queues].map((queue) => ({
      queue,
      fetcher: new Fetcher(
        this.#leases,
        (delivery, slot) => receiver.receive(delivery, slot),
        (delivery) => giveBack(engine, delivery),
        failed
      )
    }))
    const pauses = new Pauses(broker)
    const { patience, print } = settings
    this.#housekeeper = new Housekeeper({
      broker,
      served: new Set(settings.queues),
      patience,
      print,
      pauses,
      clearing: new Clearing({
        engine,
        leases: this.#leases,
        receiver: new Receiver({ ...receiving, tasks: new Map(), unserved: true }),
        patience,
        pauses,
        failed
      })
    })
  }

  async start(): Promise<void> {
    this.#listening = await this.#running.listen(this.#broker)
    // A call that is asked after meanwhile asks again.
    this.#returning = this.#broker.onReconnect(() => void this.#revoked.look().catch(() => {}))
    await Promise.all([
      this.#revoked.look(),
      this.#housekeeper.start(),
      ...this.#fetchers.map(({ queue, fetcher }) =>
        queue === systemQueue
          ? fetcher.open(this.#broker, { queue, level: systemQueue }, systemSlots)
          : fetcher.open(this.#broker, { queue, level: normalLevel }, this.#settings.concurrency)
      )
    ])
    // Only now: what is queued must not begin before it is known which runs somebody has cancelled.
    for (const { fetcher } of this.#fetchers) fetcher.begin()
    this.#housekeeper.begin()
  }

  /** Handlers running now. */
  get busy(): number {
    return this.#running.size
  }

  /** Answers within two seconds, also without a connection. */
  async health(): Promise<WorkerHealth> {
    const health = await this.#broker.health()
    const lanes = this.#fetchers.map(({ fetcher }) => fetcher.health())
    const troubles = [...this.#waits.problems(), ...this.#housekeeper.problems()]
    return workerHealth(health, troubles, {
      worker: this.name,
      state: this.#state,
      busy: this.busy,
      overrunning: lanes.reduce((sum, { overrunning }) => sum + overrunning, 0),
      leases: this.#leases.size,
      lanes,
      eventLoop: this.#leases.eventLoop,
      counters: { ...this.#counters }
    })
  }

  /** Takes nothing more, lets what runs finish within `grace` milliseconds, and sends the rest back to its queue. */
  drain(grace: number): Promise<void> {
    return (this.#drained ??= this.#drain(grace))
  }

  /** Gives back what runs, without waiting for the grace to be over. */
  hurry(): void {
    this.#running.stopAll("draining")
  }

  async #drain(grace: number): Promise<void> {
    this.#state = "draining"
    this.#running.stop()
    const kept = this.#housekeeper.stop()
    this.#waits.stop()
    await Promise.all(this.#fetchers.map(({ fetcher }) => fetcher.stop()))
    const cancel = after(grace, () => this.#running.stopAll("draining"))
    await Promise.all([kept, ...this.#fetchers.map(({ fetcher }) => fetcher.idle())])
    cancel()
    this.#leases.stop()
    this.#listening?.stop()
    this.#returning?.stop()
    this.#revoked.stop()
    this.#state = "drained"
  }
}
