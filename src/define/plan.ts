/** A workflow as plain JSON: what is dispatched, stored and executed. Frozen; numbers are given when it is dispatched. */
import type { RetryPolicy } from "./retry.ts"
import type { Times } from "./times.ts"

/** A value in canonical JSON form, as the schemas encode it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json }

/** A node of a plan. What kinds there are, and what each does, stands in `plan/`. */
export interface AnyNode {
  readonly kind: string
}

/** One call of a task. A full call (`partial: false`) ignores what comes before it. */
export interface CallNode extends Times {
  readonly kind: "call"
  readonly task: string
  /** Of the contract the arguments were encoded with. */
  readonly fingerprint: string
  /** Every encoded argument, or all but the one that arrives when `partial`. */
  readonly args: ReadonlyArray<Json>
  readonly partial: boolean
  /** Which argument arrives, where it is not the first. */
  readonly open?: number
  readonly queue: string
  /** Milliseconds; overrides the worker's own policy for this task. */
  readonly timeout?: number
  readonly retry?: RetryPolicy
  readonly headers?: { readonly [name: string]: string }
}

export const isCall = (node: AnyNode): node is CallNode => node.kind === "call"

/** Which argument of its task the one at this place among `args` is. */
export const argumentAt = (
  { partial, open = 0 }: Pick<CallNode, "partial" | "open">,
  at: number
): number => (partial && at >= open ? at + 1 : at)
