/** Tells a developer who waits for a run that no worker is there to do it. */
import { runIdOf } from "../encode/subjects.ts"
import type { Broker, Lane } from "../transport/broker.ts"
import { after } from "../transport/time.ts"
import type { Dispatched } from "./dispatcher.ts"

/** How long a run may find no worker before that is said, in milliseconds. */
const sayNobodyAfter = 2_000

/** Looks after the runs that are waited for, with one timer for all of them. */
export class NobodyServes {
  readonly #broker: Broker
  readonly #print: (line: string) => void
  /** In the order in which they began to be waited for, with the time. */
  readonly #waiting = new Map<Dispatched, number>()
  #cancel: (() => void) | undefined

  constructor(broker: Broker, print: (line: string) => void) {
    this.#broker = broker
    this.#print = print
  }

  /** Says so when the run is still waited for after two seconds and nobody is there to begin it. */
  watch(run: Dispatched): void {
    this.#waiting.set(run, performance.now())
    this.#cancel ??= after(sayNobodyAfter, () => this.#look())
  }

  /** The run is no longer waited for. */
  forget(run: Dispatched): void {
    this.#waiting.delete(run)
  }

  close(): void {
    this.#cancel?.()
    this.#waiting.clear()
  }

  #look(): void {
    this.#cancel = undefined
    const now = performance.now()
    const asked = new Set<string>()
    for (const [run, since] of this.#waiting) {
      const left = since + sayNobodyAfter - now
      if (left > 0) {
        this.#cancel = after(left, () => this.#look())
        break
      }
      this.#waiting.delete(run)
      // A thousand that wait for the same workers are worth one line.
      const lane = `${run.lane.queue} ${run.lane.level}`
      if (!asked.has(lane)) this.#ask(run)
      asked.add(lane)
    }
  }

  #ask(run: Dispatched): void {
    this.#broker.waiting(run.lane).then(
      (workers) => {
        if (workers === 0) this.#print(this.#words(run.lane, run))
      },
      () => {}
    )
  }

  #words({ queue }: Lane, { address, task }: Dispatched): string {
    const where = queue === "_" ? "in this namespace" : `on queue "${queue}"`
    const more = ["_", "default"].includes(queue) ? "" : `, { queues: ["${queue}"] }`
    return `arpeggio: no worker ${where} yet (namespace "${this.#broker.facts.namespace}"), so ${task} waits; run ${runIdOf(address)} continues as soon as one starts, for example with serve([...]${more})`
  }
}
