/**
 * Workers tell each other which queues they serve, when one asks: whether a queue is served cannot be seen at the broker
 * while all slots of its workers are busy, or when a worker died with calls of it in hand.
 */
import { randomUUID } from "node:crypto"
import type { Broker } from "../broker/broker.ts"
import type { Pauses } from "./pauses.ts"
import { ServedQueues } from "./served-queues.ts"

const topic = "queues"

/** How long answers are waited for, in milliseconds. */
const answersTake = 600

/** A queue that seems to be served by nobody, and for how many milliseconds that has been seen. */
export interface Suspect {
  readonly queue: string
  readonly lasts: number
}

/** What one worker tells the others. */
type Told =
  | { readonly who: ReadonlyArray<Suspect>; readonly from: string }
  | { readonly serves: ReadonlyArray<string> }
  | { readonly clears: string }

/** Who hears what others tell. */
export interface Hearer {
  /** Another worker sees that nobody serves a queue. */
  readonly suspected: (suspect: Suspect) => void
  /** Somebody serves a queue. */
  readonly served: (queue: string) => void
  /** Somebody takes calls from a queue to give them up. */
  readonly cleared: (queue: string) => void
}

export class RollCall {
  readonly #broker: Broker
  readonly #served: ServedQueues
  /** Known again by this when what was asked comes back. */
  readonly #name = randomUUID()
  #hasHeardItself = false
  /** Questions in a row that did not come back. */
  #unheard = 0
  #listening: { stop(): void } | undefined
  readonly #pauses: Pauses

  constructor(broker: Broker, served: ReadonlySet<string>, pauses: Pauses) {
    this.#broker = broker
    this.#pauses = pauses
    this.#served = new ServedQueues(broker, served, (serves) => this.#tell({ serves }))
  }

  async open(hearer: Hearer): Promise<void> {
    this.#listening = await this.#broker.listen(topic, (body) => this.#hear(body, hearer))
  }

  /** Says which queues are served here, unasked. */
  serve(): void {
    this.#tell({ serves: [...this.#served.here] })
  }

  /** Says that calls of a queue are taken here to be given up. */
  clear(queue: string): void {
    this.#tell({ clears: queue })
  }

  /** Which of these queues somebody serves; nothing when not even the question came back, so that no answer can be expected. */
  async ask(suspects: ReadonlyArray<Suspect>): Promise<ReadonlySet<string> | undefined> {
    const queues = suspects.map(({ queue }) => queue)
    this.#served.forget(queues)
    this.#hasHeardItself = false
    this.#tell({ who: suspects, from: this.#name })
    await this.#pauses.wait(answersTake)
    this.#unheard = this.#hasHeardItself ? 0 : this.#unheard + 1
    if (this.#unheard > 0) return undefined
    return this.#served.among(queues)
  }

  /** A sentence when nothing of what is told arrives; once may have been a connection that was just lost. */
  problems(): ReadonlyArray<string> {
    const { namespace } = this.#broker.facts
    return this.#unheard > 1
      ? [
          `calls wait on a queue, and it cannot be found out whether a worker serves it: what workers tell each other does not arrive. Let their users publish and subscribe to "_ARPEGGIO.${namespace}.>"`
        ]
      : []
  }

  /** Says and hears nothing more. */
  stop(): void {
    this.#served.stop()
    this.#listening?.stop()
  }

  #tell(told: Told): void {
    this.#broker.announce(topic, Buffer.from(JSON.stringify(told)))
  }

  #hear(body: Uint8Array, hearer: Hearer): void {
    const told = toldIn(body)
    if (told === undefined) return
    if ("serves" in told) {
      for (const queue of told.serves) {
        this.#served.heard(queue)
        hearer.served(queue)
      }
    } else if ("clears" in told) hearer.cleared(told.clears)
    else {
      if (told.from === this.#name) this.#hasHeardItself = true
      for (const suspect of told.who) hearer.suspected(suspect)
      this.#served.answer(told.who.map(({ queue }) => queue))
    }
  }
}

const isSuspect = (told: unknown): told is Suspect =>
  typeof told === "object" &&
  told !== null &&
  "queue" in told &&
  typeof told.queue === "string" &&
  "lasts" in told &&
  typeof told.lasts === "number" &&
  told.lasts >= 0

/** What was told, unless it is nothing of ours. */
const toldIn = (body: Uint8Array): Told | undefined => {
  try {
    const told: unknown = JSON.parse(Buffer.from(body).toString())
    if (typeof told !== "object" || told === null) return undefined
    if ("clears" in told && typeof told.clears === "string") return { clears: told.clears }
    if ("serves" in told && Array.isArray(told.serves)) {
      return { serves: told.serves.filter((queue) => typeof queue === "string") }
    }
    return "who" in told && Array.isArray(told.who)
      ? { who: told.who.filter(isSuspect), from: "from" in told ? String(told.from) : "" }
      : undefined
  } catch {
    return undefined
  }
}
