/** Waits until health names a problem or a note, and until it names it no more. */
import { expect } from "vitest"
import type { Health } from "arpeggio"

/** A client, a worker, or a broker of theirs. */
export interface Asked {
  health(): Promise<Health>
}

const soon = 5_000

const saying = (words: string | RegExp, sentences: ReadonlyArray<string>): string | undefined =>
  sentences.find((one) => (typeof words === "string" ? one.includes(words) : words.test(one)))

/** The first health of which one kind of sentences says these words. */
const untilSaid = async (
  asked: Asked,
  kind: "problems" | "notes",
  words: string | RegExp,
  within: number
): Promise<Health> => {
  let health = await asked.health()
  const look = async (): Promise<string> => {
    health = await asked.health()
    return saying(words, health[kind]) ?? `only ${JSON.stringify(health[kind])}`
  }
  await expect.poll(look, { timeout: within }).toMatch(words)
  return health
}

/** Resolves with the sentence once a problem says these words; then health is not `ok`. Milliseconds. */
export const appears = async (
  asked: Asked,
  words: string | RegExp,
  within: number = soon
): Promise<string> => {
  const health = await untilSaid(asked, "problems", words, within)
  expect(health.ok).toBe(false)
  return saying(words, health.problems)!
}

/** The same of a note, which leaves `ok` as it is. */
export const isNoted = async (
  asked: Asked,
  words: string | RegExp,
  within: number = soon
): Promise<string> => {
  const health = await untilSaid(asked, "notes", words, within)
  expect(saying(words, health.problems)).toBeUndefined()
  return saying(words, health.notes)!
}

/** Resolves once neither a problem nor a note says these words. */
export const goes = async (
  asked: Asked,
  words: string | RegExp,
  within: number = soon
): Promise<void> => {
  const look = async (): Promise<string | undefined> => {
    const { problems, notes } = await asked.health()
    return saying(words, [...problems, ...notes])
  }
  await expect.poll(look, { timeout: within }).toBeUndefined()
}
