/** About how many bytes are stored when a node begins, apart from a single call: rather too many than too few. */
import type { Position } from "../flow/position.ts"
import { beginningOf } from "../call/inline-next.ts"
import { sizeOf, type Value } from "../value.ts"

/** What a call takes besides its arguments; its outcome, which takes its place, is smaller where little comes of it. */
export const perCall = 500

/** What travels to every member; larger ones do by reference. */
const mostShared = 8 * 1024

/** 0 where it begins with one call and nothing else. */
export const needsOf = (from: Position, given: Value): number => {
  const { at, input, call } = beginningOf(from, given)
  if (call !== undefined) return 0
  const { frame } = at
  const { node, rule } = frame.plan[at.node]!
  const arriving = sizeOf(input)
  const plan = 3 * frame.planText.length
  // Nobody knows how many items a list has before it is read. In lanes, too, it has an outcome of each in the end.
  if (rule.begin(node).do === "each") return plan + 3 * arriving + (arriving / 4) * perCall
  return plan + arriving + members(at) * (perCall + Math.min(arriving, mostShared))
}

/** What is stored when a group begins: calls, values that are passed on, lists, and inputs that are kept. */
const members = ({ frame: { plan }, node }: Position): number => {
  let count = 0
  const open = [node]
  while (open.length > 0) {
    const { node: each, rule, children } = plan[open.pop()!]!
    const begins = rule.begin(each)
    if (begins.do === "all") open.push(...children)
    else if (begins.do === "first") {
      if (begins.keeps === true) count += 1
      open.push(children[0]!)
    } else if (begins.do !== "end" || begins.value === undefined) count += 1
  }
  return count
}
