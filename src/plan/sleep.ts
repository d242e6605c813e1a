/** A wait: what arrives is given on when it is over. */
import { received } from "../define/describe-value.ts"
import { isMoment, lengthOf } from "../define/times.ts"
import { ofMilliseconds } from "../define/duration.ts"
import { refuse } from "./refuse.ts"
import type { Next, Rule } from "./rule.ts"

/**
 * Gives what arrives, so many milliseconds after it has arrived or at a moment, and nobody executes anything. It knows no
 * schema: a chain reads what it gives by the step before, and hands what it takes to the step behind.
 */
export interface SleepNode {
  readonly kind: "sleep"
  readonly for?: number
  /** Epoch milliseconds, in the place of `for`. */
  readonly until?: number
}

export const isSleepNode = ({ kind }: { readonly kind: string }): boolean => kind === "sleep"

const passes: Next = { do: "pass" }

export const sleep: Rule<SleepNode> = {
  fields: { kind: true, for: true, until: true },
  parts: {},
  decides: false,
  read(node) {
    const { for: length, until } = node
    if (until !== undefined) {
      return length === undefined && isMoment(new Date(until as number))
        ? Object.freeze({ kind: "sleep", until: Number(until) })
        : refuse(`a sleep is until ${received(until)}`)
    }
    const milliseconds = lengthOf("sleep's time", ofMilliseconds(length))
    if (typeof milliseconds === "string") return refuse(milliseconds)
    return Object.freeze({ kind: "sleep", for: milliseconds })
  },
  children: () => [],
  begin: (node) =>
    node.until === undefined
      ? { do: "sleep", for: node.for ?? 0 }
      : { do: "sleep", until: node.until },
  ended: () => passes,
  // Of a member of a group, which is given nothing.
  reader: () => () => undefined,
  reach: ({ take }) => ({ done: take(), dead: false })
}
