/** Whether a scope has closed, asked once for all the calls that come out of its queue at about the same time. */
import type { Place } from "../../encode/value-ref.ts"
import type { RunAddress } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"

/** For how long an answer holds, in milliseconds: as long as a call may wait without being looked up. */
const lasting = 250

/** How many scopes are remembered. */
const most = 1_000

interface Look {
  readonly since: number
  readonly closed: Promise<boolean>
  open: boolean
}

export class ClosedScopes {
  readonly #looks = new Map<string, Look>()

  /** Whether a scope is known to be open. */
  isOpen({ records, broker }: Context, address: RunAddress, fence: Place): boolean {
    const known = this.#looks.get(records.subject(address, fence))
    return known !== undefined && known.open && broker.now() - known.since <= lasting
  }

  hasClosed({ records, broker }: Context, address: RunAddress, fence: Place): Promise<boolean> {
    const subject = records.subject(address, fence)
    const since = broker.now()
    const known = this.#looks.get(subject)
    if (known !== undefined && since - known.since <= lasting) return known.closed
    const closed = records.outcome(address, fence).then((outcome) => {
      look.open = outcome === undefined
      return !look.open
    })
    const look: Look = { since, closed, open: false }
    this.#looks.delete(subject)
    this.#looks.set(subject, look)
    if (this.#looks.size > most) this.#looks.delete(this.#looks.keys().next().value!)
    // Whoever asked is told; the next one asks again.
    closed.catch(() => this.#looks.delete(subject))
    return closed
  }
}
