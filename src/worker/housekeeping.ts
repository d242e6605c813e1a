/** Puts together what looks after the queues that nobody serves. */
import type { Delivery } from "../transport/broker.ts"
import type { ReceiverOptions } from "./call.ts"
import { Clearing } from "./clearing.ts"
import { Housekeeper } from "./housekeeper.ts"
import type { NoRoom } from "../engine/room/no-room.ts"
import { Pauses } from "./pauses.ts"
import { Receiver } from "./receiver.ts"
import type { WorkerSettings } from "./settings.ts"

/** `receiving`: what the worker's own calls are received with. */
export const housekeeperOf = (
  receiving: ReceiverOptions,
  { queues, patience, print }: WorkerSettings,
  noRoom: NoRoom,
  failed: (error: unknown, delivery: Delivery) => Promise<void>
): Housekeeper => {
  const { engine, leases } = receiving
  const { broker } = engine
  const pauses = new Pauses(broker)
  // Knows no task, so that it gives up all that it is handed.
  const receiver = new Receiver({ ...receiving, tasks: new Map(), unserved: true })
  const clearing = new Clearing({ engine, leases, noRoom, receiver, patience, pauses, failed })
  return new Housekeeper({ broker, served: new Set(queues), patience, print, pauses, clearing })
}
