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

/** Resolves with the sentence once a problem says these words; then health is not `ok`. Milliseconds. */
export const appears = async (
  asked: Asked,
  words: string | RegExp,
  within: number = soon
): Promise<string> => {
  let health = await asked.health()
  const look = async (): Promise<string> => {
    health = await asked.health()
    return saying(words, health.problems) ?? `only ${JSON.stringify(health.problems)}`
  }
  await expect.poll(look, { timeout: within }).toMatch(words)
  expect(health.ok).toBe(false)
  return saying(words, health.problems)!
}

/** The same of a note, which leaves `ok` as it is. */
export const isNoted = async (
  asked: Asked,
  words: string | RegExp,
  within: number = soon
): Promise<string> => {
  let health = await asked.health()
  const look = async (): Promise<string> => {
    health = await asked.health()
    return saying(words, health.notes) ?? `only ${JSON.stringify(health.notes)}`
  }
  await expect.poll(look, { timeout: within }).toMatch(words)
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
