/** Two copies of effect in one program do not understand each other's schemas, which is found out when a task is declared. */
import * as SchemaAST from "effect/SchemaAST"
import { childrenOf } from "./ast.ts"
import { strangerInEffect } from "./nested.ts"

/** What all schema trees of our copy have in common; those of another have one of their own. */
const ours = Object.getPrototypeOf(SchemaAST.String.prototype) as object

/** What to look at, and what to do. */
export const wayOutOfCopies =
  "`npm ls effect` shows who brings the second. Let all use one: one version in the whole project (`npm dedupe`, or `overrides` in package.json), and where some of it is bundled, effect left out of every bundle or in a single one together with arpeggio"

/** Why this schema cannot be used here, where any part of it is not of our copy of effect. */
export const whyNotOurs = (schema: { readonly ast: SchemaAST.AST }): string | undefined => {
  const stranger = strangerIn(schema.ast, new Set())
  if (stranger === undefined) return undefined
  return (
    strangerInEffect(schema) ??
    (isTree(stranger.node)
      ? `it, or a part of it, was made by another copy of effect than the one that arpeggio uses: two are loaded, and would refuse each other's values. ${wayOutOfCopies}`
      : "a part of it is no schema of effect: one of effect is made of those of effect only")
  )
}

const isTree = (node: unknown): boolean => typeof node === "object" && node !== null

/** The first node that is none of ours; what is no schema at all leaves none where one is to be. */
const strangerIn = (
  node: SchemaAST.AST | undefined,
  seen: Set<unknown>
): { readonly node: unknown } | undefined => {
  if (seen.has(node)) return undefined
  seen.add(node)
  if (node === undefined || !Object.prototype.isPrototypeOf.call(ours, node)) return { node }
  for (const child of childrenOf(node)) {
    const found = strangerIn(child, seen)
    if (found !== undefined) return found
  }
  return undefined
}
