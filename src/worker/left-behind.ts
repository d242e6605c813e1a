/** The steps that a worker leaves behind when it ends, because the broker did not store what became of them. */
import { parseSubject, runIdOf, systemQueue } from "../encode/subjects.ts"
import { NotNow, type Engine } from "../engine/index.ts"
import type { Delivery } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import type { WorkerHealth } from "./health.ts"

/** How many are named in one line. */
const mostNamed = 20

/** As the worker's log names a step; what looks after a run has no task. */
const nameOf = ({ subject }: Delivery): string => {
  const parts = parseSubject(subject)
  if (parts === undefined) return subject
  return parts.queue === systemQueue
    ? `what looks after ${runIdOf(parts)}`
    : `${runIdOf(parts)} ${parts.task}#${parts.node}`
}

export class LeftBehind {
  readonly #steps = new Set<Delivery>()
  #cause: BrokerError | undefined

  /** `cause`: what the broker said, where it said anything. */
  add(delivery: Delivery, cause?: BrokerError): void {
    this.#steps.add(delivery)
    this.#cause ??= cause
  }

  /**
   * What is not begun now goes to the end of its queue. And while the worker stops, nobody here comes back to what the broker
   * did not store: another worker may have it now.
   */
  leave(
    cause: unknown,
    delivery: Delivery,
    engine: Engine,
    state: WorkerHealth["state"]
  ): Promise<void> | undefined {
    const notNow = cause instanceof NotNow
    if ((state === "working" && !notNow) || !(cause instanceof BrokerError)) return undefined
    const leave = (): void => {
      if (state === "draining") this.add(delivery, cause)
      delivery.release()
    }
    // The call may find room where its outcome found none: given back, it has cost nobody anything.
    if (notNow || (state === "draining" && cause.reason === "Full")) {
      return engine.giveBack(delivery).catch(leave)
    }
    return Promise.resolve(leave())
  }

  /** What a person is told, if there is anything to tell. */
  told(worker: string): string | undefined {
    const { size } = this.#steps
    if (size === 0) return undefined
    const names = [...this.#steps].slice(0, mostNamed).map(nameOf)
    const more = size > mostNamed ? ` and ${size - mostNamed} more` : ""
    const why = this.#cause?.message ?? "it is away, or does not answer"
    const had = this.#cause?.reason === "Full" ? "has had no room for" : "has not stored"
    return `arpeggio: worker ${worker} ends, and the broker ${had} what became of ${size === 1 ? "a step" : `${size} steps`} (${why}). Nothing is lost: ${size === 1 ? "it runs" : "they run"} again elsewhere, at the latest 30 s after the broker last heard of ${size === 1 ? "it" : "them"}: ${names.join(", ")}${more}`
  }
}
