/** How it is told what this release does not know in a plan. */
import { received, shorten } from "../define/describe-value.ts"

export const unknownField = (kind: string, name: string): string =>
  `a ${kind} that has a field ${JSON.stringify(shorten(name))}`

/** A word that is not among those that are known here. */
export const unknownWord = (
  of: string,
  word: unknown,
  words: ReadonlySet<string>
): string | undefined =>
  typeof word === "string" && !words.has(word) ? `${of} ${received(word)}` : undefined
