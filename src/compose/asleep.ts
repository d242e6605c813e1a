/** What a sleep is before it stands in a chain or a group. */
import type { SleepNode } from "../plan/sleep.ts"

/** Where a sleep has its node. One for all copies of the library. */
export const sleepNode: unique symbol = Symbol.for("arpeggio/sleep")

/** Stands in a chain or a group, and is no workflow by itself. */
export interface Sleep {
  readonly [sleepNode]: SleepNode
}

export const sleepOf = (node: SleepNode): Sleep => Object.freeze({ [sleepNode]: node })

export const isSleep = (value: unknown): value is Sleep =>
  typeof value === "object" && value !== null && sleepNode in value

/** What is said of one where a workflow belongs. */
export type SleepAlone =
  "sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)"

export const sleepAlone: SleepAlone =
  "sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)"
