/** Makes the ids of runs and processes. The only place that draws randomness. */
import { createHash, randomBytes } from "node:crypto"

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"

const letters = (count: number): string => {
  let word = ""
  for (const byte of randomBytes(count)) word += alphabet[byte % 36]
  return word
}

/** Names one process for as long as it lives. */
export const newInstance = (): string => letters(8)

/** Names a record that nothing derives, such as the chunks of a large value. */
export const newToken = (): string => letters(16)

/** The last token of a run's id: a shard digit, when it was started (9 characters, base 36) and 10 of chance. */
export const newRun = (now: number): string =>
  `0${Math.max(0, Math.floor(now)).toString(36).padStart(9, "0")}${letters(10)}`

/** The same, for a run that is started again: the same for everybody who starts it from the same. */
export const derivedRun = (now: number, from: string): string => {
  const digits = BigInt(`0x${createHash("sha256").update(from).digest("hex")}`).toString(36)
  return `0${Math.max(0, Math.floor(now)).toString(36).padStart(9, "0")}${digits.slice(-10)}`
}

/** When a run was started, epoch milliseconds, read from its id. */
export const startedAt = (run: string): number => Number.parseInt(run.slice(1, 10), 36)
