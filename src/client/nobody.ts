/** Tells a developer who waits for a run that no worker is there to do it. */
import { runIdOf } from "../encode/subjects.ts"
import type { Broker } from "../transport/broker.ts"
import { after } from "../transport/time.ts"
import type { Dispatched } from "./dispatcher.ts"

/** How long a run may find no worker before that is said, in milliseconds. */
const sayNobodyAfter = 2_000

/** Says so once, unless cancelled before. */
export const sayWhenNobodyServes = (
  broker: Broker,
  print: (line: string) => void,
  { address, lane, task }: Dispatched
): (() => void) =>
  after(sayNobodyAfter, () => {
    broker.waiting(lane).then(
      (workers) => {
        if (workers > 0) return
        const where = lane.queue === "_" ? "in this namespace" : `on queue "${lane.queue}"`
        const plain = ["_", "default"].includes(lane.queue)
        const more = plain ? "" : `, { queues: ["${lane.queue}"] }`
        print(
          `arpeggio: no worker ${where} yet (namespace "${broker.facts.namespace}"), so ${task} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})`
        )
      },
      () => {}
    )
  })
