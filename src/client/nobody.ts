/** Tells a developer who waits for a run that no worker is there to do it. */
import type { PlanNode } from "../define/plan.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import { firstOf } from "../engine/run/starter.ts"
import type { Broker, Lane } from "../transport/broker.ts"

export class NobodyServes {
  readonly #broker: Broker
  readonly #print: (line: string) => void
  /** Queues that are being asked about: a thousand runs that wait for the same workers are worth one line. */
  readonly #asked = new Set<string>()

  constructor(broker: Broker, print: (line: string) => void) {
    this.#broker = broker
    this.#print = print
  }

  /** Says so when there is nobody to begin a run that has been waited for in vain. */
  look(address: RunAddress, plan: PlanNode): void {
    const { lane, what } = firstOf(plan)
    const key = `${lane.queue} ${lane.level}`
    if (this.#asked.has(key)) return
    this.#asked.add(key)
    void this.#broker
      .waiting(lane)
      .then(
        (workers) => {
          if (workers === 0) this.#print(this.#words(lane, what, address))
        },
        () => {}
      )
      .finally(() => this.#asked.delete(key))
  }

  #words({ queue }: Lane, what: string, address: RunAddress): string {
    const where = queue === "_" ? "in this namespace" : `on queue "${queue}"`
    const more = ["_", "default"].includes(queue) ? "" : `, { queues: ["${queue}"] }`
    return `arpeggio: no worker ${where} yet (namespace "${this.#broker.facts.namespace}"), or none with a free slot, so ${what} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})`
  }
}
