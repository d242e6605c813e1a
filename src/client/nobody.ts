/** Tells a developer who waits for a run that no worker is there to do it. */
import type { PlanNode } from "../define/plan.ts"
import { runIdOf, waitingIn, type RunAddress } from "../encode/subjects.ts"
import { lanesOf, type Waited } from "../engine/run/starter.ts"
import type { Broker, Lane } from "../transport/broker.ts"

/**
 * A server that has just begun to lead a queue knows of none of those who ask there, until each notices that its request has
 * gone: three beats of two seconds, and a moment. In milliseconds.
 */
const unknown = 12_000

export class NobodyServes {
  readonly #broker: Broker
  readonly #print: (line: string) => void
  /** Queues that are being asked about: a thousand runs that wait for the same workers are worth one line. */
  readonly #asked = new Set<string>()
  /** Those of which it was said, and that nobody has served since. */
  readonly #told = new Set<string>()
  #reconnectedAt = -Infinity

  constructor(broker: Broker, print: (line: string) => void) {
    this.#broker = broker
    this.#print = print
    broker.onReconnect(() => {
      this.#reconnectedAt = broker.elapsed()
    })
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

  async #lookAt(address: RunAddress, waited: Waited, again = false): Promise<void> {
    const { lane, what } = waited
    const { queue } = lane
    if ((await this.#broker.waiting(lane)) > 0) {
      this.#told.delete(queue)
      return
    }
    if (this.#told.has(queue)) return
    const calls = waitingIn(this.#broker.facts.namespace, lane, address)
    if ((await this.#broker.count(calls)) === 0) return
    if (!again && this.#mayBeNew()) {
      await new Promise<void>((resolve) => void this.#broker.after(unknown, resolve))
      return this.#lookAt(address, waited, true)
    }
    this.#told.add(queue)
    this.#print(this.#words(lane, what, address))
  }

  /** Whether the server that leads the queue may have begun to a moment ago: of several anyone may, unseen from here. */
  #mayBeNew(): boolean {
    const { facts } = this.#broker
    return facts.replicas > 1 || this.#broker.elapsed() - this.#reconnectedAt < unknown
  }

  #words({ queue }: Lane, what: string, address: RunAddress): string {
    const where = queue === "_" ? "in this namespace" : `on queue "${queue}"`
    const more = ["_", "default"].includes(queue) ? "" : `, { queues: ["${queue}"] }`
    return `arpeggio: no worker ${where} yet (namespace "${this.#broker.facts.namespace}"), or none with a free slot, so ${what} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})`
  }
}
