/** A workflow as plain JSON: what is dispatched, stored and executed. Frozen; numbers are given when it is dispatched. */
import type { SchemaCodec } from "./codec.ts"
import type { RetryPolicy } from "./retry.ts"

/** A value in canonical JSON form, as the schemas encode it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json }

/** One call of a task. A full call (`partial: false`) ignores what comes before it. */
export interface CallNode {
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

/** Which argument of its task the one at this place among `args` is. */
export const argumentAt = (
  { partial, open = 0 }: Pick<CallNode, "partial" | "open">,
  at: number
): number => (partial && at >= open ? at + 1 : at)

/** Steps one after another. Never empty; nested chains stay nested. */
export interface ChainNode {
  readonly kind: "chain"
  readonly steps: ReadonlyArray<PlanNode>
}

/** Members side by side over one shared input. With `keys` the result is a record, otherwise an array. */
export interface GroupNode {
  readonly kind: "group"
  readonly members: ReadonlyArray<PlanNode>
  readonly keys?: ReadonlyArray<string>
}

/** The body once per item of the list that arrives. */
export interface MapNode {
  readonly kind: "map"
  readonly body: PlanNode
  /** At most this many members under way at a time. */
  readonly concurrency?: number
}

/** Drops what arrives; `of` starts without input. */
export interface IgnoreNode {
  readonly kind: "ignore"
  readonly of: PlanNode
}

/** Succeeds with the outcome of `of`, whatever it is. */
export interface SettleNode {
  readonly kind: "settle"
  readonly of: PlanNode
}

/** Gives what arrives, which nobody executes. */
export interface PassNode {
  readonly kind: "pass"
  /** Of the schema that says what arrives. */
  readonly fingerprint: string
  /** The schema's codec, in a process that has the schema: never part of what is stored. */
  readonly [passes]?: SchemaCodec
}

/** Where a node that passes a value on has its codec. One for all copies of the library. */
export const passes: unique symbol = Symbol.for("arpeggio/passes")

/** When `of` fails with a declared error, or ends otherwise, whose tag has a fallback, the fallback takes its place. */
export interface RecoverNode {
  readonly kind: "recover"
  readonly of: PlanNode
  readonly fallbacks: { readonly [tag: string]: PlanNode }
  /** The tags whose fallback is given `{ error, input }` instead of the error, in order; `input` is what `of` was given. */
  readonly inputs?: ReadonlyArray<string>
  /** The tags that are of no declared error, in order: `Crashed`, `TimedOut`. */
  readonly undeclared?: ReadonlyArray<string>
}

/** Does `of`, then the cleanup, and ends as `of` has ended; as the cleanup where that fails. */
export interface CleanupNode {
  readonly kind: "cleanup"
  readonly of: PlanNode
  readonly cleanup: PlanNode
  /** The cleanup is for failures only, and given a `Failure`; otherwise for every outcome, which it is given. */
  readonly on?: "failure"
  /** Whether the cleanup is given what `of` was given, too: `{ failure, input }` or `{ outcome, input }`. */
  readonly input?: true
}

/** Gives what `of` gives. Once that is committed, the callback is started as a run of its own, if it ended as said. */
export interface HookNode {
  readonly kind: "hook"
  readonly on: "success" | "failure"
  readonly of: PlanNode
  readonly callback: PlanNode
}

/** A workflow as it travels: what it is made of, as plain JSON. */
export type PlanNode =
  | CallNode
  | ChainNode
  | GroupNode
  | MapNode
  | IgnoreNode
  | SettleNode
  | PassNode
  | RecoverNode
  | CleanupNode
  | HookNode
