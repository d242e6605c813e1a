/** Tells a developer who waits for a run that no worker is there to do it. */
import type { PlanNode } from "../define/plan.ts"
import { runIdOf, waitingIn, type RunAddress } from "../encode/subjects.ts"
import { lanesOf, type Waited } from "../engine/run/starter.ts"
import type { Broker, Lane } from "../transport/broker.ts"

export class NobodyServes {
  readonly #broker: Broker
  readonly #print: (line: string) => void
  /** Queues that are being asked about: a thousand runs that wait for the same workers are worth one line. */
  readonly #asked = new Set<string>()
  /** Those of which it was said, and that nobody has served since. */
  readonly #told = new Set<string>()

  constructor(broker: Broker, print: (line: string) => void) {
    this.#broker = broker
    this.#print = print
  }

  /** Says so when a call of a run that has been waited for in vain is in a queue that nobody serves. */
  look(address: RunAddress, plan: PlanNode): void {
    for (const waited of lanesOf(plan)) {
      const { queue } = waited.lane
      if (this.#asked.has(queue)) continue
      this.#asked.add(queue)
      void this.#lookAt(address, waited)
        .catch(() => {})
        .finally(() => this.#asked.delete(queue))
    }
  }

  async #lookAt(address: RunAddress, { lane, what }: Waited): Promise<void> {
    const { queue } = lane
    if ((await this.#broker.waiting(lane)) > 0) {
      this.#told.delete(queue)
      return
    }
    if (this.#told.has(queue)) return
    const calls = waitingIn(this.#broker.facts.namespace, lane, address)
    if ((await this.#broker.count(calls)) === 0) return
    this.#told.add(queue)
    this.#print(this.#words(lane, what, address))
  }

  #words({ queue }: Lane, what: string, address: RunAddress): string {
    const where = queue === "_" ? "in this namespace" : `on queue "${queue}"`
    const more = ["_", "default"].includes(queue) ? "" : `, { queues: ["${queue}"] }`
    return `arpeggio: no worker ${where} yet (namespace "${this.#broker.facts.namespace}"), or none with a free slot, so ${what} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})`
  }
}
