/** Which faults of a form are played: all of them, or a sample in which every kind of call has every fault. */
import type { MemoryCall } from "../../src/testing/memory/fault.ts"
import { everyPoint } from "./amount.ts"
import { differs, faults, type PointFault, readings } from "./faults.ts"
import type { PlayCall } from "./play.ts"

/** How many calls of one kind, neither first nor last, have a fault before it is taken for known. */
const enough = 4

/** Of those that come then, one in so many is played. */
const oneIn = 3

/** The places that a form can have in such a turn. */
export const turns: ReadonlyArray<number> = Array.from({ length: oneIn }, (_, turn) => turn)

/** What was played of other forms: calls of one kind follow the same code in each of them. */
export class Sample {
  readonly #played = new Map<string, number>()
  readonly #enough: number
  readonly #offset: number

  /** `known`: as if everything had been played so often already, and what comes next were at that place of its turn. */
  constructor(known?: { readonly turn: number }) {
    this.#enough = known === undefined ? enough : 0
    this.#offset = known?.turn ?? 0
  }

  /** Whether it is the turn of this fault; asked once for each. */
  takes(kind: string, fault: PointFault): boolean {
    const key = `${kind} ${fault}`
    const before = this.#played.get(key) ?? 0
    this.#played.set(key, before + 1)
    return before < this.#enough || (before - this.#enough + this.#offset) % oneIn === 0
  }
}

/** A call, and the faults to play there. */
export interface PlayedCall {
  readonly call: PlayCall
  readonly possible: ReadonlyArray<PointFault>
}

const kindOf = ({ verb, subject }: Pick<MemoryCall, "verb" | "subject">): string =>
  `${verb} ${subject.split(".")[1]}`

/**
 * The faults to play at each of these calls. Calls of one kind follow the same code, and differ only in what is there
 * already. So a sample has every fault at the first call of a kind and at the last that may change something, and at each
 * in between one, in turn; where many forms are played, in between only some of what others had already.
 */
export const pointsOf = (
  calls: ReadonlyArray<PlayCall>,
  which: ReadonlyArray<PointFault>,
  sample?: Sample
): ReadonlyArray<PlayedCall> => {
  const kinds = new Map<string, Array<PlayCall>>()
  for (const call of calls) {
    const kind = kindOf(call)
    kinds.set(kind, [...(kinds.get(kind) ?? []), call])
  }
  return calls.map((call) => {
    const kind = kindOf(call)
    const alike = kinds.get(kind)!
    const at = alike.indexOf(call)
    const last = at === alike.length - 1 && !readings.has(call.verb)
    const all = faults.filter((fault) => differs(call, fault))
    if (everyPoint || at === 0 || last) {
      return { call, possible: all.filter((fault) => which.includes(fault)) }
    }
    const fault = all[(at - 1) % all.length]!
    const isPlayed = which.includes(fault) && (sample === undefined || sample.takes(kind, fault))
    return { call, possible: isPlayed ? [fault] : [] }
  })
}
