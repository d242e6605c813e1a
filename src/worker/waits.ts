/**
 * Handlers that wait for runs of their own. Each holds a slot; when all slots of a queue are held so, and what they wait for
 * is in that queue, or in another whose slots are held so and lead back, nothing goes on by itself, also when the handlers time
 * out: each holds its slot until it ends. That is told, as far as the queues are served by this worker.
 */
import type { Broker } from "../broker/broker.ts"
import type { LaneHealth } from "./health.ts"
import { HeldSlots, type Holds, type Wait } from "./held-slots.ts"
import type { Print } from "../define/print.ts"

/** Between two looks while handlers wait, in milliseconds. */
const interval = 2_500

/** After so many looks in a row it is told. */
const enough = 2

export class Waits {
  readonly #broker: Broker
  readonly #print: Print
  readonly #lane: (queue: string) => LaneHealth | undefined
  readonly #held: HeldSlots
  /** Queues that stand still, and in how many looks they did. */
  #still = new Map<string, number>()
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(broker: Broker, print: Print, lane: (queue: string) => LaneHealth | undefined) {
    this.#broker = broker
    this.#print = print
    this.#lane = lane
    this.#held = new HeldSlots(lane)
  }

  /** A handler waits, until the answer is called. */
  enter(wait: Wait): () => void {
    const leave = this.#held.enter(wait)
    this.#plan()
    return leave
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** A sentence for each queue that stands still now. */
  problems(): ReadonlyArray<string> {
    const told = [...this.#still].filter(([, looks]) => looks >= enough)
    const queues = new Set(told.map(([queue]) => queue))
    return [...this.#held.stuck((queue) => queues.has(queue))].map((one) => this.#words(...one))
  }

  #words(queue: string, holds: Holds): string {
    return wordsOf(queue, this.#lane(queue)?.slots ?? 0, holds)
  }

  #plan(): void {
    if (this.#cancel !== undefined || this.#stopped || this.#held.isEmpty) return
    this.#cancel = this.#broker.after(interval, () => {
      void this.#look()
        // A broker that does not answer is told of elsewhere.
        .catch(() => {})
        .finally(() => {
          this.#cancel = undefined
          this.#plan()
        })
    })
  }

  async #look(): Promise<void> {
    const still = new Map<string, number>()
    const lanes = this.#held.stuck(() => true).size === 0 ? [] : await this.#broker.lanes()
    const waitsIn = (queue: string): boolean => {
      const own = lanes.filter((lane) => lane.queue === queue)
      return own.some(({ pending }) => pending > 0) && !own.some(({ asking }) => asking > 0)
    }
    const stuck = this.#held.stuck(waitsIn)
    for (const queue of stuck.keys()) still.set(queue, (this.#still.get(queue) ?? 0) + 1)
    for (const [queue, holds] of stuck) {
      if (still.get(queue) === enough) this.#print(this.#words(queue, holds))
    }
    this.#still = still
  }
}

/** `slots`: how many the queue has. */
const wordsOf = (queue: string, slots: number, { tasks, wanted }: Holds): string => {
  const all =
    slots === 1 ? "the one slot is held by a handler" : `all ${slots} slots are held by handlers`
  const names = [...tasks].slice(0, 5).join(", ")
  const others = [...wanted].filter((one) => one !== queue).map((one) => `"${one}"`)
  const where =
    others.length === 0
      ? "in the same queue"
      : `in queue ${others.join(" or ")}, whose slots are held in the same way`
  return `queue "${queue}": ${all} that ${slots === 1 ? "waits" : "wait"} for a run of its own (${names}), and the calls of such runs wait for a slot ${where}: that does not end by itself. At once: start another worker of this queue. For good: return the workflow instead of waiting for it (return child(), not await app.run(child())), give the inner tasks a queue of their own, or wait with { signal: step().signal }, so that a timeout ends the waiting.`
}
