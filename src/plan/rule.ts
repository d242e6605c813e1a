/**
 * What there is to know of a kind of node: what it is made of, how it is read, begins and ends, and what it gives. Each
 * kind has one rule, in a file of its own, and all of them stand in `table.ts`. A rule knows no broker, no record and no
 * promise: whoever asks it does what it says.
 */
import type { SchemaCodec } from "../define/codec.ts"
import type { TaskDefinition } from "../define/definition.ts"
import type { AnyNode } from "../define/plan.ts"
import type { TaskTable } from "../define/workflow.ts"
import type { Branches } from "./branches.ts"
import type { PlanNode } from "./table.ts"

/** How a node hangs below its parent. */
export interface Role {
  /** Which of its parent's children it is, from 0. */
  readonly position: number
  /**
   * Where its outcome is stored: as the outcome of the whole frame; as its parent's own; in a place of its own; or inside of
   * its parent, whose own outcome closes it.
   */
  readonly outcome: "frame" | "parent" | "own" | "inside"
  /** It begins when its parent begins, and is given the same. */
  readonly begins?: true
  /** It is one of several that are under way together. */
  readonly member?: true
  /** Its parent has something to start when it ends. */
  readonly watched?: true
  /** Of a value that may come by several ways: what outcomes call this one. */
  readonly branch?: string
}

/** A child, and how it hangs below its parent. */
export interface Child extends Role {
  readonly node: AnyNode
}

/** How a node begins. */
export type Begin =
  | { readonly do: "call" }
  /** With its first child, which is given what arrives or nothing. `keeps`: what arrives is stored before, for those who may be given it later. */
  | { readonly do: "first"; readonly given?: "nothing"; readonly keeps?: true }
  /** With all of its children, which share what arrives. */
  | { readonly do: "all" }
  /** With its body, once for each item of the list that arrives. */
  | { readonly do: "each"; readonly body: AnyNode; readonly concurrency?: number }
  /** It gives what arrives on, so many milliseconds after it could begin, or at a moment. */
  | { readonly do: "sleep"; readonly for: number }
  | { readonly do: "sleep"; readonly until: number }
  /** It ends as it begins: with this JSON, or else with what arrives. */
  | { readonly do: "end"; readonly value?: string }

/** What a child is given when it begins behind another. */
export type Given =
  | "value"
  /** How the other has ended, under this name beside what the parent was given where that is asked for. */
  | { readonly tell: "error" | "failure" | "outcome"; readonly input: boolean }

/** What follows when a child has ended. */
export type Next =
  /** The child's outcome is that of the node. */
  | { readonly do: "pass" }
  | { readonly do: "begin"; readonly child: number; readonly given: Given }
  /** The node ends: as the child has ended, with the outcome as a value, or as its first child had. `closes`: and whatever is under way inside is stopped. */
  | {
      readonly do: "decide"
      readonly as: "ended" | "settled" | "before"
      readonly closes?: true
    }
  /**
   * The node succeeds once every child has: with a record under these keys, or a list; `items`: of items. `waits`: where some
   * have failed, it ends once all have ended, as the first of those in their order.
   */
  | {
      readonly do: "join"
      readonly keys?: ReadonlyArray<string>
      readonly items?: true
      readonly waits?: true
    }
  /** That depends on the tag of the declared error. */
  | { readonly do: "look"; readonly then: (tag: string | undefined) => Next }

/** How a step, or a scope, can end. */
export type Tag = "Succeeded" | "Failed" | "Crashed" | "Cancelled" | "TimedOut" | "Expired"

/** Turns JSON into the value it stands for. `branches` says which way the value came. Throws a `Misfit`. */
export type Read = (json: unknown, branches?: Branches) => unknown

/** What a reader of values is made from. */
export interface Readers {
  readonly tasks: TaskTable
  /** The node's number in its plan. */
  readonly number: number
  readonly child: (position: number) => Read
  /** Of a plan inside that has numbers of its own. */
  readonly plan: (node: AnyNode) => Read
}

/** The fields of a node whose origin is not known. */
export type Fields = { readonly [field: string]: unknown }

/** Gives what a plan names but does not hold, or throws. */
export interface Named {
  readonly task: (name: string) => TaskDefinition
  /** The codec of what is passed on, by its fingerprint. */
  readonly passed: (fingerprint: string) => SchemaCodec
}

/** Reads the parts of a node whose origin is not known. */
export interface Reading extends Named {
  readonly node: (json: unknown) => PlanNode
}

/** How far a run had come at a node. */
export interface Reached {
  readonly done: boolean
  /** Whether there is a dead call inside. */
  readonly dead: boolean
}

/** A walk over what a run has stored, to find what another run that does the same again can take over. */
export interface Walk {
  readonly child: (position: number) => Reached
  /** All children from this one on. */
  readonly children: (from?: number) => Reached
  /** The items of a list that was stored; `undefined` where none was. */
  readonly items: () => Reached | undefined
  /** Takes over the success of the node itself, if it has one. */
  readonly take: () => boolean
  /** Remembers what has been taken over so far; the answer gives up what was since. */
  readonly mark: () => () => void
}

/** The one rule of a kind of node. */
export interface Rule<N extends AnyNode> {
  /** Every field that a stored node can have: one with another comes from a newer release. */
  readonly fields: { readonly [F in Exclude<keyof N, symbol>]-?: true }
  /** The fields that hold nodes: one, a list, or a record of them. */
  readonly parts: { readonly [F in Exclude<keyof N, symbol>]?: "node" | "list" | "record" }
  /** Whether its list of nodes must hold one at least. */
  readonly needsParts?: true
  /** Whether it has an outcome of its own, which closes what is inside. */
  readonly decides: boolean
  /** What of a stored node this release does not know, besides fields. */
  unknownIn?(node: Fields): string | undefined
  /** The node in JSON of unknown origin. Throws a `CompositionError`. */
  read(node: Fields, reading: Reading): N
  /** In the order of their numbers. A plan that has numbers of its own, as a map's body has, is no child. */
  children(node: N): ReadonlyArray<Child>
  /** What people are told that the child at this position is, for example `step 2`. */
  called?(node: N, position: number): string | undefined
  begin(node: N): Begin
  /** What follows when the child at this position has ended so. Called for nodes with children, and for those with items. */
  ended(node: N, position: number, tag: Tag): Next
  /** What is to be started as a run of its own when it ends so, and what that is given. */
  starts?(
    node: N,
    tag: Tag
  ): { readonly plan: AnyNode; readonly given: "value" | "failure" } | undefined
  /** What encodes and reads what arrives here, and how errors call it; nothing where it goes on to children, or is dropped. */
  takes?(
    node: N,
    tasks: TaskTable
  ): { readonly task: string; readonly codec: SchemaCodec | undefined } | undefined
  /** The child that takes what arrives, where that is not the first: those before it only give it on. */
  receives?(node: N): number
  /** The child whose value is the node's. */
  gives?(node: N): number
  /** Reads the node's value, where that is not simply a child's. */
  reader?(node: N, readers: Readers): Read
  /** Whether a value can have come by this branch; `inside` looks into items. */
  hasBranch?(
    node: N,
    said: Branches[string],
    inside: (node: AnyNode, branches: Branches) => boolean
  ): boolean
  /** The node without what makes no difference to what is done; by default, without that of its parts. */
  same?(node: N, of: (node: AnyNode) => unknown, tasks: TaskTable): unknown
  /** What of the node a run can take over. By default: all children, and the node itself where it decides. */
  reach?(walk: Walk): Reached
}
