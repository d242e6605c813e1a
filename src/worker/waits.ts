/**
 * Handlers that wait for runs of their own. Each holds a slot; when all slots of a queue are held so, and what they wait for
 * is in that queue, nothing goes on by itself, also when the handlers time out: each holds its slot until it ends. That is told.
 */
import type { StepContext } from "../define/context.ts"
import { parseSubject } from "../encode/subjects.ts"
import type { Broker } from "../transport/broker.ts"
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
    return [...this.#still].flatMap(([queue, looks]) => {
      const tasks = looks < enough ? undefined : this.#tasksThatHold(queue)
      return tasks === undefined ? [] : [this.#words(queue, tasks)]
    })
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
    const wanted = new Set<string>()
    for (const wait of this.#waits) for (const queue of this.#heldBy(wait).wanted) wanted.add(queue)
    const full = [...wanted].filter((queue) => this.#tasksThatHold(queue) !== undefined)
    const lanes = full.length === 0 ? [] : await this.#broker.lanes()
    const still = new Map<string, number>()
    for (const queue of full) {
      const waits = lanes.some((lane) => lane.queue === queue && lane.pending > 0)
      const free = lanes.some((lane) => lane.queue === queue && lane.asking > 0)
      if (!waits || free) continue
      const looks = (this.#still.get(queue) ?? 0) + 1
      still.set(queue, looks)
      const tasks = this.#tasksThatHold(queue)
      if (looks === enough && tasks !== undefined) this.#print(this.#words(queue, tasks))
    }
    this.#still = still
  }

  /** The tasks whose handlers hold all slots of a queue while they wait for runs that need one; none where a slot is free or does something else. */
  #tasksThatHold(queue: string): ReadonlySet<string> | undefined {
    const lane = this.#lane(queue)
    if (lane === undefined || lane.busy < lane.slots) return undefined
    const steps = new Set<StepContext>()
    for (const wait of this.#waits) {
      const held = this.#heldBy(wait)
      if (held.queue === queue && held.wanted.has(queue)) steps.add(held.step)
    }
    return steps.size < lane.slots ? undefined : new Set([...steps].map(({ task }) => task))
  }

  #heldBy(wait: Wait): Held {
    const known = this.#held.get(wait)
    if (known !== undefined) return known
    const queue = parseSubject(wait.subject)?.queue
    const held = { step: wait.step, queue, wanted: wait.queues() }
    this.#held.set(wait, held)
    return held
  }

  #words(queue: string, tasks: ReadonlySet<string>): string {
    const slots = this.#lane(queue)?.slots ?? 0
    const all =
      slots === 1 ? "the one slot is held by a handler" : `all ${slots} slots are held by handlers`
    const names = [...tasks].slice(0, 5).join(", ")
    return `queue "${queue}": ${all} that ${slots === 1 ? "waits" : "wait"} for a run of its own (${names}), and the calls of such runs wait for a slot in the same queue: that does not end by itself. At once: start another worker of this queue. For good: return the workflow instead of waiting for it (return child(), not await app.run(child())), give the inner tasks a queue of their own, or wait with { signal: step().signal }, so that a timeout ends the waiting.`
  }
}
