/** About how many bytes are stored when a node begins, apart from a single call: rather too many than too few. */
import type { Position } from "./frame.ts"
import { beginningOf, isExpanded } from "./following.ts"
import type { Grows } from "./growth.ts"
import { sizeOf, type Value } from "./value.ts"

/** What a call takes besides its arguments; its outcome, which takes its place, is smaller where little comes of it. */
const perCall = 500

/** What travels to every member; larger ones do by reference. */
const mostShared = 8 * 1024

/** 0 where it begins with one call and nothing else. */
export const needsOf = (from: Position, given: Value): number => {
  const { at, input, call } = beginningOf(from, given)
  if (call !== undefined) return 0
  const { frame } = at
  const { node } = frame.plan[at.node]!
  const arriving = sizeOf(input)
  const plan = 3 * frame.planText.length
  // Nobody knows how many items a list has before it is read. In lanes, too, it has an outcome of each in the end.
  if (node.kind === "map") return plan + 3 * arriving + (arriving / 4) * perCall
  return plan + arriving + members(at) * (perCall + Math.min(arriving, mostShared))
}

/** Calls, passes or maps that begin with a group. */
const members = ({ frame: { plan }, node }: Position): number => {
  let count = 0
  const open = [node]
  while (open.length > 0) {
    const { node: each, children } = plan[open.pop()!]!
    if (each.kind === "call" || each.kind === "pass" || each.kind === "map") count += 1
    else if (each.kind === "group") open.push(...children)
    else {
      // What arrives is kept for its fallbacks or its cleanup.
      if (isExpanded(each)) count += 1
      open.push(children[0]!)
    }
  }
  return count
}

/** Of a run that begins with a call, which waits in its slot: its timer has a copy, and a call and an outcome come of it at least. */
export const needsOfStart = ({ body }: { readonly body: Uint8Array }): Grows => ({
  bytes: 2 * body.length + 2 * perCall,
  starts: true,
  inSlot: true
})
