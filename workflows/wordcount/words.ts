/**
 * What a word is: a run of the letters A to Z, in lower case. Everything else separates words, letters with accents and
 * the end of a file too.
 *
 * The same count from a shell (`awk 1` ends every file with a line end, so that no word spans two files):
 *
 *     find DIRECTORY -type f -name '*.md' -exec awk 1 {} + | LC_ALL=C tr -cs 'A-Za-z' '\n' | tr A-Z a-z | grep . | sort | uniq -c
 */

/** How often each word occurs. */
export type Counts = { readonly [word: string]: number }

/** Counts the words of a text. */
export const countWords = (text: string): Counts =>
  total(function* () {
    for (const [word] of text.matchAll(/[A-Za-z]+/g)) yield [word.toLowerCase(), 1]
  })

/** Adds up what was counted separately. */
export const addCounts = (parts: Iterable<Counts>): Counts =>
  total(function* () {
    for (const part of parts) yield* Object.entries(part)
  })

const total = (entries: () => Iterable<readonly [word: string, count: number]>): Counts => {
  // A Map, because "constructor" is a word too, and every object has one.
  const counts = new Map<string, number>()
  for (const [word, count] of entries()) counts.set(word, (counts.get(word) ?? 0) + count)
  return Object.fromEntries(counts)
}
