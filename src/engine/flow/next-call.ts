/** What follows a step when it is one call and nothing else: the next step of a chain. */
import type { AnyNode, CallNode } from "../../define/plan.ts"
import { ruleOf } from "../../plan/table.ts"
import { moved, placeOf, type Position } from "./position.ts"
import type { Records } from "../records.ts"
import { nothing, type Value } from "../value.ts"
import type { Verdict } from "../verdict.ts"

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
    if (role.outcome === "frame") return undefined
    const { node, children } = plan[parent]!
    const next = ruleOf(node).ended(node, role.position, verdict.tag)
    if (next.do === "begin" && next.given === "value") {
      const following = moved(at, children[next.child]!)
      const { call, ...begins } = beginningOf(following, onwards(records, at, verdict))
      return call === undefined ? undefined : { ...begins, node: call }
    }
    if (next.do !== "pass") return undefined
    at = moved(at, parent)
  }
}

/** Whether a node begins with something else than the call of its first step. */
export const isExpanded = (node: AnyNode): boolean => {
  const begins = ruleOf(node).begin(node)
  return begins.do !== "call" && (begins.do !== "first" || begins.keeps === true)
}

/** Where something begins, and what arrives there: at its first call, or at what more is to be done for, which has no `call`. */
export const beginningOf = (
  from: Position,
  given: Value
): { readonly at: Position; readonly input: Value; readonly call: CallNode | undefined } => {
  let at = from
  let input = given
  for (;;) {
    const { node, children } = at.frame.plan[at.node]!
    const begins = ruleOf(node).begin(node)
    if (begins.do === "call") return { at, input, call: node as CallNode }
    if (begins.do !== "first" || begins.keeps === true) return { at, input, call: undefined }
    if (begins.given === "nothing") input = nothing
    at = moved(at, children[0]!)
  }
}

/** What the next step is given: the value itself when it is small, else where it is kept. */
export const onwards = (records: Records, at: Position, { value }: Verdict): Value => {
  if ("reference" in value || records.fits(value.text)) return value
  const place = placeOf(at)
  return { reference: { from: "record", node: place.node, index: place.index } }
}
