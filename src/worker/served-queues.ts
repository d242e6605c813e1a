/** Which queues somebody serves, as workers say when one asks; for those that are served here this worker says so, unless another was quicker. */
import { randomInt } from "node:crypto"
import type { Broker } from "../broker/broker.ts"

/** Answers are spread over so many milliseconds: the first, which all hear, is enough. */
const spread = 200

export class ServedQueues {
  /** Those that this worker serves. */
  readonly here: ReadonlySet<string>
  readonly #clock: Pick<Broker, "after">
  readonly #say: (queues: ReadonlyArray<string>) => void
  /** Queues that somebody said to serve since they were asked about. */
  readonly #answered = new Set<string>()
  /** Ends what is still to be answered. */
  readonly #answers = new Set<() => void>()

  /** `say` tells the others that these queues are served. */
  constructor(
    clock: Pick<Broker, "after">,
    here: ReadonlySet<string>,
    say: (queues: ReadonlyArray<string>) => void
  ) {
    this.#clock = clock
    this.here = here
    this.#say = say
  }

  /** Somebody has said to serve a queue. */
  heard(queue: string): void {
    this.#answered.add(queue)
  }

  /** What was said of some queues counts no more: they are asked about. */
  forget(queues: ReadonlyArray<string>): void {
    for (const queue of queues) this.#answered.delete(queue)
  }

  /** Those of some queues that somebody has said to serve. */
  among(queues: ReadonlyArray<string>): ReadonlySet<string> {
    return new Set(queues.filter((queue) => this.#answered.has(queue)))
  }

  /** Another worker, or this one, asks who serves some queues. */
  answer(queues: ReadonlyArray<string>): void {
    const asked = queues.filter((queue) => this.here.has(queue))
    if (asked.length === 0) return
    this.forget(asked)
    const stop = this.#clock.after(randomInt(1, spread), () => {
      this.#answers.delete(stop)
      const left = asked.filter((queue) => !this.#answered.has(queue))
      if (left.length > 0) this.#say(left)
    })
    this.#answers.add(stop)
  }

  /** Answers nothing more. */
  stop(): void {
    for (const stop of this.#answers) stop()
  }
}
