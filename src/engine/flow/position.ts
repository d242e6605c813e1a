/** A frame is one frozen plan of a run: the dispatched one, one a handler returned, or a map's body over its list. */
import type { CallNode } from "../../define/plan.ts"
import { kinds } from "../../encode/kinds.ts"
import { derivedNode, type RunAddress } from "../../encode/subjects.ts"
import type { OtherContract, FrameKey, Place } from "../../encode/value-ref.ts"
import { type NumberedPlan, rootRole } from "../../plan/numbering.ts"
import { ruleOf } from "../../plan/table.ts"
import type { Value } from "../value.ts"

/** What every message of a run repeats. */
export interface RunFacts {
  readonly address: RunAddress
  /** How long the run's outcome is kept, in milliseconds. */
  readonly keep: number
  readonly labels?: { readonly [name: string]: string }
  readonly deadline?: number
  readonly trace?: { readonly [name: string]: string }
  readonly baggage?: string
  /** Which queue takes the place of another that the plan names: of a run that was redriven so. */
  readonly queues?: { readonly [queue: string]: string }
  /** The schedule that has started it, and for which time. */
  readonly scheduled?: { readonly name: string; readonly at: number }
}

/** The instance of every run that was started from a dead letter. */
export const redriven = "redriven"

export const isRedriven = ({ instance }: RunAddress): boolean => instance === redriven

/** The queue that a call of a run waits in. */
export const queueOf = ({ queues }: RunFacts, { queue }: Pick<CallNode, "queue">): string =>
  queues !== undefined && Object.hasOwn(queues, queue) ? queues[queue]! : queue

/** No outcome is kept for less, in milliseconds. */
export const leastKeep = 1_000

/** How long outcomes can be kept, in milliseconds: a second to ten years. */
const keepBounds = { least: leastKeep, most: 10 * 365 * 86_400_000 }

/** The nearest time for which an outcome can be kept, in whole milliseconds. */
export const keepWithin = (milliseconds: number): number =>
  Math.ceil(Math.min(Math.max(milliseconds, keepBounds.least), keepBounds.most))

export interface Frame {
  readonly run: RunFacts
  readonly id: string
  readonly hash: string
  readonly plan: NumberedPlan
  readonly planText: string
  readonly place: Place
  readonly fence: Place
  readonly scopes: ReadonlyArray<string>
  readonly up?: { readonly frame: FrameKey; readonly node: number }
  readonly map?: { readonly count: number; readonly concurrency?: number; readonly items: Value }
  /** Of a returned workflow, and of maps inside: the task of the dispatched plan that reads what comes of it. */
  readonly task?: string
  /** What the outcome of a returned workflow says of the way it came, by the place that it takes. */
  readonly branches?: { readonly [node: string]: string }
  /** Of the worker that put it in the place of a call, where that is another than the call's. */
  readonly contract?: OtherContract
  /** Whether a map's list comes from another version of a contract than the plan was built with. */
  readonly crossed?: true
  /** Of a returned workflow in which something waits: since when it does; epoch milliseconds, broker clock. */
  readonly since?: number
  /** Whether the broker holds it, so that a message may name it without carrying it. */
  stored: boolean
}

/** One node of one frame; of one item when the frame is a map's. */
export interface Position {
  readonly frame: Frame
  readonly index?: number
  readonly node: number
}

/** The frame every run starts in. */
export const rootFrame = "root"

/** The place of a run's own outcome. */
export const runPlace: Place = { kind: kinds.runOutcome, node: "_", index: "_" }

const none: ReadonlyArray<never> = []

/** The frame of a run that is one call; nobody else needs to know it. */
export const soloFrame = (run: RunFacts, node: CallNode): Frame => ({
  run,
  id: rootFrame,
  hash: "",
  plan: [{ number: 0, parent: -1, role: rootRole, node, rule: ruleOf(node), children: none }],
  planText: "",
  place: runPlace,
  fence: runPlace,
  scopes: none,
  stored: false
})

/** How many enclosing scopes a message names at most; the innermost matter. */
const namedScopes = 32

const inner = (node: string, index: string | number): Place => ({
  kind: kinds.outcome,
  node,
  index: String(index)
})

const nodeAt = ({ frame }: Position, node: number) => frame.plan[node]!

export const moved = (position: Position, node: number): Position => ({ ...position, node })

export const keyOf = (position: Position): FrameKey =>
  position.index === undefined
    ? { id: position.frame.id }
    : { id: position.frame.id, index: position.index }

/** The stable id of the step (or scope) at a position, unique within its run and of bounded length. */
export const stepOf = (position: Position): string => stepAt(position, position.node)

const stepAt = ({ frame, index }: Position, node: number): string =>
  frame.id === rootFrame && index === undefined ? String(node) : derivedNode(frame.id, node, index)

/** Where the outcome of a node goes. The tail of a chain writes the chain's, the root of a frame the frame's. */
export const placeOf = (position: Position): Place => placeAt(position, position.node)

const placeAt = (position: Position, node: number): Place => {
  let at = nodeAt(position, node)
  for (;;) {
    const { role, parent } = at
    switch (role.outcome) {
      case "frame":
        return position.index === undefined
          ? position.frame.place
          : inner(position.frame.id, position.index)
      case "own":
        return inner(stepAt(position, at.number), "_")
      case "inside":
        return inner(stepAt(position, parent), role.position)
      case "parent":
        at = nodeAt(position, parent)
    }
  }
}

/** Where a node keeps what arrived, for the fallbacks or the cleanup that are given it. */
export const inputPlaceOf = (position: Position): Place => inner(stepOf(position), "input")

/** The outcome that closes the innermost scope around a node: once it is there, nothing more begins inside. */
export const fenceOf = (position: Position): Place => {
  let at = nodeAt(position, position.node)
  while (at.role.outcome !== "frame") {
    if (at.role.outcome === "inside") return placeAt(position, at.parent)
    at = nodeAt(position, at.parent)
  }
  return position.index === undefined ? position.frame.fence : position.frame.place
}

/** The scopes around a node, innermost first. */
export const scopesOf = (position: Position): ReadonlyArray<string> => {
  const scopes: Array<string> = []
  let at = nodeAt(position, position.node)
  while (at.role.outcome !== "frame") {
    if (at.role.member === true) scopes.push(stepAt(position, at.parent))
    at = nodeAt(position, at.parent)
  }
  const around = position.frame.scopes
  const inside =
    scopes.length === 0 ? around : around.length === 0 ? scopes : [...scopes, ...around]
  return inside.length <= namedScopes ? inside : inside.slice(0, namedScopes)
}

/** Whether nothing of the frame happens between the end of this node and the end of the frame. */
export const isTail = (position: Position): boolean => {
  let at = nodeAt(position, position.node)
  while (at.role.outcome !== "frame") {
    if (at.role.outcome !== "parent" || at.role.watched === true) return false
    at = position.frame.plan[at.parent]!
  }
  return true
}

/** Whether this is where a run of several nodes begins, the one place its first message stands for. */
export const isStart = (position: Position): boolean => {
  const { frame, index } = position
  if (frame.id !== rootFrame || index !== undefined) return false
  if (frame.plan.length === 1 && frame.plan[0]!.node.kind === "call") return false
  let at = nodeAt(position, position.node)
  while (at.role.outcome !== "frame") {
    if (at.role.begins !== true) return false
    at = frame.plan[at.parent]!
  }
  return true
}

/** Where a node stands in what was dispatched, for people: `step 2, member "orders"`. */
export const describePosition = (position: Position): string => {
  const words: Array<string> = []
  let at = nodeAt(position, position.node)
  while (at.role.outcome !== "frame") {
    const around = position.frame.plan[at.parent]!
    const called = around.rule.called?.(around.node, at.role.position)
    if (called !== undefined) words.unshift(called)
    at = around
  }
  if (position.index !== undefined) words.unshift(`item ${position.index + 1}`)
  if (position.frame.id !== rootFrame) words.unshift("inside an expansion")
  return words.join(", ")
}
