/**
 * The members of scopes that this process has seen end. Where it has seen all of them, as with a single worker, a scope is
 * joined without asking the broker what it holds.
 */
import { runIdOf, type RunAddress } from "../../encode/subjects.ts"
import { Remembered } from "../bounded-cache.ts"
import type { Verdict } from "../verdict.ts"

/** How many scopes are remembered, and how many characters of their members' values. */
const remembered = [1_000, 16_000_000] as const

/** Which of how many members. */
export interface Member {
  readonly position: number
  readonly of: number
}

/** What a member takes besides its value, in characters. */
const besides = 200

interface Seen {
  readonly verdicts: Map<number, Verdict>
  size: number
}

export class Members {
  readonly #scopes = new Remembered<Seen>(...remembered)

  /** Takes note of a member whose end is stored; answers with all of them in order when it was the last one unknown. */
  seen(
    address: RunAddress,
    scope: string,
    { position, of }: Member,
    verdict: Verdict
  ): ReadonlyArray<Verdict> | undefined {
    const key = `${runIdOf(address)}.${scope}`
    const seen = this.#scopes.get(key) ?? { verdicts: new Map<number, Verdict>(), size: 0 }
    if (!seen.verdicts.has(position)) seen.size += sizeOf(verdict)
    seen.verdicts.set(position, verdict)
    this.#scopes.set(key, seen, seen.size)
    if (seen.verdicts.size < of) return undefined
    this.#scopes.forget(key)
    return Array.from({ length: of }, (_, at) => seen.verdicts.get(at)!)
  }
}

const sizeOf = ({ value }: Verdict): number => besides + ("text" in value ? value.text.length : 0)
