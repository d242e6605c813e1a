/**
 * Handlers that wait for runs of their own. Each holds a slot; when all slots of a queue are held so, and what they wait for
 * is in that queue, or in another whose slots are held so and lead back, nothing goes on by itself, also when the handlers time
 * out: each holds its slot until it ends. That is told, as far as the queues are served by this worker.
 */
import type { StepContext } from "../define/context.ts"
import { parseSubject } from "../encode/subjects.ts"
import type { Broker } from "../broker/broker.ts"
import type { LaneHealth } from "./health.ts"
import type { Print } from "../define/print.ts"

/** Between two looks while handlers wait, in milliseconds. */
const interval = 2_500

/** After so many looks in a row it is told. */
const enough = 2

/** A handler that waits for a run. */
export interface Wait {
  readonly step: StepContext
  /** Where the handler's own call was queued. */
  readonly subject: string
  /** The queues that the run's calls go to. */
  readonly queues: () => ReadonlySet<string>
}

/** A wait as it is looked at. */
interface Held {
  readonly step: StepContext
  readonly queue: string | undefined
  readonly wanted: ReadonlySet<string>
}

/** What holds the slots of a queue: the tasks whose handlers wait, and the queues that the calls wait in. */
interface Holds {
  readonly tasks: ReadonlySet<string>
  readonly wanted: ReadonlySet<string>
}

export class Waits {
  readonly #broker: Broker
  readonly #print: Print
  readonly #lane: (queue: string) => LaneHealth | undefined
  readonly #waits = new Set<Wait>()
  /** What was made of a wait when it was first looked at: the plan of a run can be large. */
  readonly #held = new WeakMap<Wait, Held>()
  /** Queues that stand still, and in how many looks they did. */
  #still = new Map<string, number>()
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(broker: Broker, print: Print, lane: (queue: string) => LaneHealth | undefined) {
    this.#broker = broker
    this.#print = print
    this.#lane = lane
  }

  /** A handler waits, until the answer is called. */
  enter(wait: Wait): () => void {
    this.#waits.add(wait)
    this.#plan()
    return () => this.#waits.delete(wait)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /** A sentence for each queue that stands still now. */
  problems(): ReadonlyArray<string> {
    const told = [...this.#still].filter(([, looks]) => looks >= enough)
    const queues = new Set(told.map(([queue]) => queue))
    return [...this.#stuck((queue) => queues.has(queue))].map((one) => this.#words(...one))
  }

  #plan(): void {
    if (this.#cancel !== undefined || this.#stopped || this.#waits.size === 0) return
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
    const lanes = this.#stuck(() => true).size === 0 ? [] : await this.#broker.lanes()
    const waitsIn = (queue: string): boolean => {
      const own = lanes.filter((lane) => lane.queue === queue)
      return own.some(({ pending }) => pending > 0) && !own.some(({ asking }) => asking > 0)
    }
    const stuck = this.#stuck(waitsIn)
    for (const queue of stuck.keys()) still.set(queue, (this.#still.get(queue) ?? 0) + 1)
    for (const [queue, holds] of stuck) {
      if (still.get(queue) === enough) this.#print(this.#words(queue, holds))
    }
    this.#still = still
  }

  /**
   * The queues among some all of whose slots are held by handlers that wait for runs with calls in such queues, with what
   * holds them; none where a slot is free, or does something else.
   */
  #stuck(among: (queue: string) => boolean): ReadonlyMap<string, Holds> {
    const waits = [...this.#waits].map((wait) => this.#heldBy(wait))
    let queues = new Set(waits.flatMap(({ queue = "" }) => (among(queue) ? [queue] : [])))
    for (;;) {
      const found = new Map<string, Holds>()
      for (const queue of queues) {
        const lane = this.#lane(queue)
        if (lane === undefined || lane.busy < lane.slots) continue
        const steps = new Set<StepContext>()
        const wanted = new Set<string>()
        for (const held of waits) {
          const leading = [...held.wanted].filter((one) => queues.has(one))
          if (held.queue !== queue || leading.length === 0) continue
          steps.add(held.step)
          for (const one of leading) wanted.add(one)
        }
        const tasks = new Set([...steps].map(({ task }) => task))
        if (steps.size >= lane.slots) found.set(queue, { tasks, wanted })
      }
      if (found.size === queues.size) return found
      queues = new Set(found.keys())
    }
  }

  #heldBy(wait: Wait): Held {
    const known = this.#held.get(wait)
    if (known !== undefined) return known
    const queue = parseSubject(wait.subject)?.queue
    const held = { step: wait.step, queue, wanted: wait.queues() }
    this.#held.set(wait, held)
    return held
  }

  #words(queue: string, { tasks, wanted }: Holds): string {
    const slots = this.#lane(queue)?.slots ?? 0
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
}
