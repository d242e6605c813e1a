/** The value of a scope whose members have all succeeded. */
import { stepOf, type Position } from "./frame.ts"
import { joinTexts, type Value } from "./value.ts"
import type { Verdict } from "./verdict.ts"

/** Joined values up to this size, in bytes, stand in the outcome of their scope. */
const joinedInline = 64 * 1024

/** Members' values: themselves while they are small, else where they are kept. */
export const joinedValue = (at: Position, members: ReadonlyArray<Verdict>): Value => {
  const { node } = at.frame.plan[at.node]!
  const keys = node.kind === "group" ? node.keys : undefined
  const texts = members.flatMap(({ value }) => ("text" in value ? [value.text] : []))
  const size = texts.reduce((sum, text) => sum + text.length, 0)
  if (texts.length === members.length && size <= joinedInline) {
    return { text: joinTexts(texts, keys) }
  }
  const count = members.length
  const scope = stepOf(at)
  return {
    reference: { from: "members", scope, count, ...(keys === undefined ? {} : { keys }) }
  }
}
