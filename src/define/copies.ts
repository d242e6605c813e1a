/** Two copies of effect in one program do not understand each other's schemas, which is found out when a task is declared. */
import * as SchemaAST from "effect/SchemaAST"
import { childrenOf } from "./children.ts"

/** What all schema trees of our copy have in common; those of another have one of their own. */
const ours = Object.getPrototypeOf(SchemaAST.String.prototype) as object

/** What to look at, and what to do. */
export const wayOutOfCopies =
  "`npm ls effect` shows who brings the second. Let all use one: one version in the whole project (`npm dedupe`, or `overrides` in package.json), and where some of it is bundled, effect left out of every bundle or in a single one together with arpeggio"

/** Why this schema cannot be used here, where any part of it was made by another copy. */
export const whyNotOurs = (ast: SchemaAST.AST): string | undefined =>
  isOurs(ast, new Set())
    ? undefined
    : `it, or a part of it, was made by another copy of effect than the one that arpeggio uses: two are loaded, and would refuse each other's values. ${wayOutOfCopies}`

const isOurs = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST>): boolean => {
  if (seen.has(ast)) return true
  seen.add(ast)
  return (
    Object.prototype.isPrototypeOf.call(ours, ast) &&
    childrenOf(ast).every((child) => isOurs(child, seen))
  )
}
