/** What follows a step when it is one call and nothing else: the next step of a chain. */
import type { CallNode, PlanNode } from "../define/plan.ts"
import { moved, passesOn, placeOf, type Position } from "./frame.ts"
import type { Records } from "./records.ts"
import { nothing, type Value } from "./value.ts"
import type { Verdict } from "./verdict.ts"

/** A call that begins with the success of the step before it. */
export interface FollowingCall {
  readonly at: Position
  readonly node: CallNode
  readonly input: Value
}

/** The one call that follows an outcome; `undefined` when something else does, or nothing. */
export const followingCall = (
  records: Records,
  from: Position,
  verdict: Verdict
): FollowingCall | undefined => {
  if (verdict.tag !== "Succeeded") return undefined
  const { plan } = from.frame
  let at = from
  for (;;) {
    const { role, parent } = plan[at.node]!
    if (role.as === "root" || role.as === "member" || role.as === "cleanup") return undefined
    if (role.as === "inner" && !passesOn(plan[parent]!.node.kind)) return undefined
    if (role.as === "step" && !role.last) {
      const next = moved(at, plan[parent]!.children[role.position + 1]!)
      const { call, ...begins } = beginningOf(next, onwards(records, at, verdict))
      return call === undefined ? undefined : { ...begins, node: call }
    }
    at = moved(at, parent)
  }
}

/** Whether a node begins with something else than the call of its first step. */
export const isExpanded = (node: PlanNode): boolean =>
  node.kind === "group" ||
  node.kind === "map" ||
  node.kind === "pass" ||
  (node.kind === "recover" && node.inputs !== undefined) ||
  (node.kind === "cleanup" && node.input !== undefined)

/** Where something begins, and what arrives there: at its first call, or at what more is to be done for, which has no `call`. */
export const beginningOf = (
  from: Position,
  given: Value
): { readonly at: Position; readonly input: Value; readonly call: CallNode | undefined } => {
  let at = from
  let input = given
  for (;;) {
    const { node, children } = at.frame.plan[at.node]!
    if (node.kind === "call") return { at, input, call: node }
    if (isExpanded(node)) return { at, input, call: undefined }
    if (node.kind === "ignore") input = nothing
    at = moved(at, children[0]!)
  }
}

/** What the next step is given: the value itself when it is small, else where it is kept. */
export const onwards = (records: Records, at: Position, { value }: Verdict): Value => {
  if ("reference" in value || records.fits(value.text)) return value
  const place = placeOf(at)
  return { reference: { from: "record", node: place.node, index: place.index } }
}
