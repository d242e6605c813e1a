/** Slots that are held by handlers which wait for runs of their own: of which queues all are, so that nothing goes on there by itself. */
import type { StepContext } from "../define/context.ts"
import { parseSubject } from "../encode/subjects.ts"
import type { LaneHealth } from "./health.ts"

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
export interface Holds {
  readonly tasks: ReadonlySet<string>
  readonly wanted: ReadonlySet<string>
}

export class HeldSlots {
  readonly #lane: (queue: string) => LaneHealth | undefined
  readonly #waits = new Set<Wait>()
  /** What was made of a wait when it was first looked at: the plan of a run can be large. */
  readonly #looked = new WeakMap<Wait, Held>()

  constructor(lane: (queue: string) => LaneHealth | undefined) {
    this.#lane = lane
  }

  /** A handler waits, until the answer is called. */
  enter(wait: Wait): () => void {
    this.#waits.add(wait)
    return () => this.#waits.delete(wait)
  }

  /** No handler waits. */
  get isEmpty(): boolean {
    return this.#waits.size === 0
  }

  /**
   * The queues among some all of whose slots are held by handlers that wait for runs with calls in such queues, with what
   * holds them; none where a slot is free, or does something else.
   */
  stuck(among: (queue: string) => boolean): ReadonlyMap<string, Holds> {
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
    const known = this.#looked.get(wait)
    if (known !== undefined) return known
    const queue = parseSubject(wait.subject)?.queue
    const held = { step: wait.step, queue, wanted: wait.queues() }
    this.#looked.set(wait, held)
    return held
  }
}
