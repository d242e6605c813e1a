/** What the parts of the engine share in one process. */
import type { Broker } from "../broker/broker.ts"
import type { Frames } from "./flow/frame-store.ts"
import type { Growth } from "./room/growth.ts"
import type { Joiner } from "./flow/joiner.ts"
import type { Records } from "./records.ts"

export interface Context {
  readonly broker: Broker
  readonly records: Records
  readonly frames: Frames
  readonly joiner: Joiner
  readonly growth: Growth
  /** This process, as outcomes name it. */
  readonly worker: string
  /** Since when it has been running; epoch milliseconds, broker clock. */
  readonly since: number
  /** Hears of every run that was begun again because nothing of it was under way. */
  readonly repaired: (run: string) => void
}
