/** Finds what a newer release has put into a plan: it is for that release, never guessed at, never passed over. */
import { received } from "../define/describe-value.ts"
import type { Fields } from "./rule.ts"
import { knownRule } from "./table.ts"
import { unknownField } from "./unknown.ts"

/** What of a stored node this release does not know, if anything. */
export const unknownIn = (node: Fields): string | undefined => {
  const { kind } = node
  if (typeof kind !== "string") return undefined
  const rule = knownRule(kind)
  if (rule === undefined) return `a node of the unknown kind ${received(kind)}`
  for (const name in node) if (!Object.hasOwn(rule.fields, name)) return unknownField(kind, name)
  return rule.unknownIn?.(node)
}
