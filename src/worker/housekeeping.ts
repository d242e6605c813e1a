/** Puts together what looks after the queues that nobody serves. */
import type { Engine } from "../engine/index.ts"
import type { Delivery } from "../broker/broker.ts"
import { Clearing } from "./clearing.ts"
import { Housekeeper } from "./housekeeper.ts"
import type { Leases } from "./heartbeat.ts"
import { Pauses } from "./pauses.ts"
import type { WorkerSettings } from "./settings.ts"
import type { Ticks } from "./ticks.ts"

/** What it looks after them with. */
interface Kept {
  readonly engine: Engine
  readonly leases: Leases
  readonly ticks: Ticks
}

export const housekeeperOf = (
  { engine, leases, ticks }: Kept,
  { queues, patience, print }: WorkerSettings,
  failed: (error: unknown, delivery: Delivery) => Promise<void>
): Housekeeper => {
  const { broker } = engine
  const pauses = new Pauses(broker)
  const clearing = new Clearing({ engine, leases, patience, pauses, failed })
  return new Housekeeper({
    broker,
    served: new Set(queues),
    patience,
    print,
    pauses,
    clearing,
    ticks,
    endExpired: (lane) => engine.endExpired(lane)
  })
}
