/** Values of options as they are typed at a prompt: counts, and durations as `500ms`, `10s`, `5m`, `2h`, `3d`, or with the word for the unit. */
import { misused } from "./exits.ts"

const units: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000
}

const words: { readonly [word: string]: string } = {
  milli: "ms",
  millisecond: "ms",
  sec: "s",
  second: "s",
  min: "m",
  minute: "m",
  hour: "h",
  day: "d"
}

/** As the library takes it. */
export interface Lasting {
  readonly milliseconds: number
}

/** Reads the value of an option. Refuses what says no unit. */
export const durationOf = (text: string): Lasting => {
  const [, number, word = ""] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text.trim()) ?? []
  const plain = word.toLowerCase()
  const unit = units[plain] ?? units[words[plain.replace(/s$/, "")] ?? ""]
  if (number !== undefined && unit !== undefined) return { milliseconds: Number(number) * unit }
  throw misused(
    `${JSON.stringify(text)} is not a duration: give a number with its unit, for example 500ms, 10s, 5m, 2h or 3d`
  )
}

/** Reads the value of an option that is a whole number from 1 on. Refuses every other. */
export const countOf =
  (option: string, most: number) =>
  (text: string): number => {
    const count = Number(text)
    if (Number.isInteger(count) && count >= 1 && count <= most) return count
    throw misused(`${option} is a whole number from 1 to ${most}, not ${JSON.stringify(text)}`)
  }
