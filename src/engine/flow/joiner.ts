/** Counts the members of a scope on the leader, once per burst, so that the last one never goes unnoticed. */
import { kinds } from "../../encode/kinds.ts"
import { recordSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Broker } from "../../broker/broker.ts"
import { after } from "../../broker/time.ts"

/** How long a burst may last before it is counted although members of it still run here. */
const longestBurst = 50

/** Those who asked since the last count began. */
interface Asked {
  readonly count: Promise<number>
  readonly tell: (count: number) => void
  readonly fail: (cause: unknown) => void
}

const newlyAsked = (): Asked => {
  let tell!: Asked["tell"]
  let fail!: Asked["fail"]
  const count = new Promise<number>((resolve, reject) => {
    tell = resolve
    fail = reject
  })
  return { count, tell, fail }
}

interface Burst {
  asked: Asked | undefined
  running: number
  counting: boolean
  cancel?: () => void
}

export class Joiner {
  readonly #broker: Broker
  readonly #bursts = new Map<string, Burst>()

  constructor(broker: Broker) {
    this.#broker = broker
  }

  /** Says that a member of the scope runs in this process; call the answer once it does no longer. */
  enter(address: RunAddress, scope: string): () => void {
    const key = keyOf(address, scope)
    const burst = this.#burst(key)
    burst.running++
    let left = false
    return () => {
      if (left) return
      left = true
      burst.running--
      if (burst.running === 0) void this.#count(key, address, scope)
    }
  }

  /** How many members have their outcome, counted after this was called. */
  count(address: RunAddress, scope: string): Promise<number> {
    const key = keyOf(address, scope)
    const burst = this.#burst(key)
    burst.asked ??= newlyAsked()
    const { count } = burst.asked
    if (burst.running === 0) void this.#count(key, address, scope)
    else burst.cancel ??= after(longestBurst, () => void this.#count(key, address, scope))
    return count
  }

  /** Says that every member has its outcome: whoever waits to count them need not ask. */
  complete(address: RunAddress, scope: string, members: number): void {
    const burst = this.#bursts.get(keyOf(address, scope))
    burst?.asked?.tell(members)
    if (burst !== undefined) burst.asked = undefined
  }

  async #count(key: string, address: RunAddress, scope: string): Promise<void> {
    const burst = this.#burst(key)
    burst.cancel?.()
    delete burst.cancel
    if (burst.counting) return
    burst.counting = true
    while (burst.asked !== undefined) {
      const { tell, fail } = burst.asked
      burst.asked = undefined
      const filter = recordSubject(this.#broker.facts.namespace, kinds.outcome, address, scope, "*")
      await this.#broker.count(filter).then(tell, fail)
    }
    burst.counting = false
    if (burst.running === 0) this.#bursts.delete(key)
  }

  #burst(key: string): Burst {
    let burst = this.#bursts.get(key)
    if (burst === undefined) {
      burst = { asked: undefined, running: 0, counting: false }
      this.#bursts.set(key, burst)
    }
    return burst
  }
}

const keyOf = (address: RunAddress, scope: string): string =>
  `${address.owner}.${address.run}.${scope}`
