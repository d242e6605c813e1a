/** Sees to ticks of schedules, and knows which could not be seen to: what is wrong is said when it begins, and by health while it lasts. */
import { received } from "../define/describe-value.ts"
import { lateTicks, roughly, tickOf, type Engine } from "../engine/index.ts"
import type { Delivery, LaneState } from "../broker/broker.ts"
import type { Print } from "../define/print.ts"

/** For so long a schedule counts as failing after it was last seen to fail, in milliseconds: it is tried once a minute, here or by another worker. */
const remembered = 150_000

/** How many failing schedules are remembered, and how much of what was thrown is told. */
const most = 100
const longestWords = 300

interface Failing {
  readonly name: string
  /** Epoch milliseconds, broker clock. */
  readonly since: number
  readonly words: string
  /** By the clock that only goes on, in milliseconds. */
  readonly seenAt: number
  /** Whether it has failed more than once. */
  readonly again: boolean
}

export class Ticks {
  readonly #engine: Engine
  readonly #print: Print
  readonly #failing = new Map<string, Failing>()
  #late: string | undefined

  constructor(engine: Engine, print: Print) {
    this.#engine = engine
    this.#print = print
  }

  /** Does what is due of a schedule; else has it done later. Rejects when neither could be done: then the tick comes again. */
  async see(delivery: Delivery): Promise<void> {
    try {
      await this.#engine.tick(delivery)
    } catch (cause) {
      return await this.#failed(delivery, cause)
    }
    if (this.#failing.size > 0) this.#over(delivery)
  }

  /** Looks whether some wait to be seen to. */
  async look(lanes: ReadonlyArray<LaneState>): Promise<void> {
    this.#late = await lateTicks(this.#engine.broker, lanes)
  }

  /** A sentence for each schedule that fails, and one where some are late. */
  problems(): ReadonlyArray<string> {
    const { broker } = this.#engine
    const failing = [...this.#failing].flatMap(([key, { name, since, words, seenAt, again }]) => {
      if (broker.elapsed() - seenAt > remembered) this.#failing.delete(key)
      else if (again) {
        const long = roughly(broker.now() - since)
        return [
          `schedule ${received(name)} cannot be started, for ${long}: ${words}. It is tried again each minute, and goes on by itself when it can be; what is missed meanwhile is made good as misfire says. Mend what the error names, or declare the schedule again.`
        ]
      }
      return []
    })
    return this.#late === undefined ? failing : [...failing, this.#late]
  }

  async #failed(delivery: Delivery, cause: unknown): Promise<void> {
    const { owner, name, since, again } = await this.#engine.putOffTick(delivery).catch(() => {
      // Neither that can be done: what is wrong is what was wrong first.
      throw cause
    })
    const words = (cause instanceof Error ? cause.message : String(cause)).slice(0, longestWords)
    const key = `${owner}/${name}`
    const before = this.#failing.get(key)
    if (before === undefined && this.#failing.size >= most) return
    const seenAt = this.#engine.broker.elapsed()
    this.#failing.set(key, { name, since, words, seenAt, again })
    if (before?.words === words) return
    this.#print(
      `schedule ${received(name)} could not be started: ${words}. It is tried again, soon and then each minute, until it can be; health says so meanwhile.`
    )
  }

  #over(delivery: Delivery): void {
    const { owner, name } = tickOf(delivery)
    const key = `${owner}/${name}`
    const failing = this.#failing.get(key)
    if (failing === undefined) return
    this.#failing.delete(key)
    const long = roughly(this.#engine.broker.now() - failing.since)
    this.#print(`schedule ${received(name)} goes on, after it could not be started for ${long}`)
  }
}
