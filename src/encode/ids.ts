/** Makes the ids of runs and processes. The only place that draws randomness. */
import { createHash, randomFillSync } from "node:crypto"

/** Chance is drawn in stock: asking the system for each id alone would cost more than the rest of a start. */
const stock = Buffer.alloc(4_096)
let used = stock.length

const fiveLetters = (): string => {
  if (used === stock.length) {
    randomFillSync(stock)
    used = 0
  }
  const chance = stock.readUInt32LE(used)
  used += 4
  return (chance % 36 ** 5).toString(36).padStart(5, "0")
}

const letters = (count: number): string => {
  let word = ""
  while (word.length < count) word += fiveLetters()
  return word.slice(0, count)
}

/** Names one process for as long as it lives. */
export const newInstance = (): string => letters(8)

/** Names a record that nothing derives, such as the chunks of a large value. */
export const newToken = (): string => letters(16)

/** The last token of a run's id: a shard digit, when it was started (9 characters, base 36) and 10 of chance. */
export const newRun = (now: number): string => `0${timeToken(now)}${letters(10)}`

/** The last token of the id of a run that follows from something else, the same whenever it is worked out. */
export const derivedRun = (now: number, from: string): string => {
  const digest = createHash("sha256").update(from).digest()
  const chance = digest.readBigUInt64BE().toString(36).padStart(13, "0").slice(-10)
  return `0${timeToken(now)}${chance}`
}

let last = { moment: 0, token: "000000000" }

const timeToken = (now: number): string => {
  const moment = Math.max(0, Math.floor(now))
  if (moment !== last.moment) {
    last = { moment, token: moment.toString(36).padStart(9, "0") }
  }
  return last.token
}

/** When a run was started, epoch milliseconds, read from its id. */
export const startedAt = (run: string): number => Number.parseInt(run.slice(1, 10), 36)
