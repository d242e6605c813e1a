/** Puts together what looks after the queues that nobody serves. */
import type { Delivery } from "../transport/broker.ts"
import type { ReceiverOptions } from "./call.ts"
import { Clearing } from "./clearing.ts"
import { Housekeeper } from "./housekeeper.ts"
import type { Leases } from "./lease.ts"
import type { NoRoom } from "./no-room.ts"
import { Pauses } from "./pauses.ts"
import { Receiver } from "./receiver.ts"
import type { WorkerSettings } from "./settings.ts"

export interface HousekeepingOptions {
  /** What the worker's own calls are received with. */
  readonly receiving: ReceiverOptions
  readonly leases: Leases
  readonly settings: WorkerSettings
  readonly noRoom: NoRoom
  readonly failed: (error: unknown, delivery: Delivery) => Promise<void>
}

export const housekeeperOf = (options: HousekeepingOptions): Housekeeper => {
  const { receiving, leases, settings, noRoom, failed } = options
  const { engine } = receiving
  const { queues, patience, print } = settings
  const { broker } = engine
  const pauses = new Pauses(broker)
  // Knows no task, so that it gives up all that it is handed.
  const receiver = new Receiver({ ...receiving, tasks: new Map(), unserved: true })
  const clearing = new Clearing({ engine, leases, noRoom, receiver, patience, pauses, failed })
  return new Housekeeper({ broker, served: new Set(queues), patience, print, pauses, clearing })
}
