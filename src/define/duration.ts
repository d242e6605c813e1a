/** Durations as they are given and as they are told. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { ContractError } from "./errors.ts"
import { received } from "./describe-value.ts"

/**
 * How long something takes or lasts, with its unit in the value: "20 seconds", { minutes: 5 }, or a `Duration` of Effect.
 * `Sentence` is there for what the compiler says of a bare number, which some read as seconds and others as milliseconds.
 */
export type HowLong<Sentence extends string = never> =
  | Exclude<Duration.Input, number | bigint>
  | 0
  | Sentence

/** The sentence by which the compiler asks for a unit, where an option is declared. */
export type WithUnit<Option extends string> =
  `${Option} says its unit: "20 seconds" or "20 millis", not 20 and not "20s"`

/** In milliseconds: the longest timeout, and the longest wait. */
export const year: number = 365 * 86_400_000

const units: ReadonlySet<string> = new Set([
  "weeks",
  "days",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
  "microseconds",
  "nanoseconds"
])

/** effect takes what is no number, and an object that names no unit, for a duration of zero: for us it is none. */
const saysHowLong = (given: unknown): boolean => {
  if (typeof given === "number" || typeof given === "bigint") return !isBare(given)
  if (typeof given !== "object" || given === null || Duration.isDuration(given)) return true
  if (Array.isArray(given)) return given.length === 2 && given.every(isNumber)
  const parts = Object.entries(given).filter(([, part]) => part !== undefined)
  return parts.length > 0 && parts.every(([unit, part]) => units.has(unit) && isNumber(part))
}

/** Nothing and endless are the same in every unit. */
const isBare = (given: unknown): boolean =>
  (typeof given === "number" && given !== 0 && Math.abs(given) !== Infinity) ||
  (typeof given === "bigint" && given !== 0n)

const isNumber = (part: unknown): boolean => typeof part === "number" && !Number.isNaN(part)

/** Whole milliseconds, rounded up; `NaN` for what is no duration. */
export const wholeMilliseconds = (given: HowLong<string>): number => {
  if (!saysHowLong(given)) return Number.NaN
  const duration = Option.getOrUndefined(Duration.fromInput(given as Duration.Input))
  if (duration === undefined) return Number.NaN
  const milliseconds = Duration.toMillis(duration)
  // Rounded up, a little less than nothing would be nothing.
  return milliseconds < 0 ? Math.floor(milliseconds) : Math.ceil(milliseconds)
}

/** Milliseconds as they are stored, as a duration that is given; anything else as it is, to be refused. */
export const ofMilliseconds = (json: unknown): HowLong =>
  (typeof json === "number" ? Duration.millis(json) : json) as HowLong

const unitsThereAre =
  'the units are millis, seconds, minutes, hours, days and weeks, as in "5 minutes"'

/** What was given where a duration belongs, and where a `NaN` comes from most often. */
export const receivedDuration = (given: unknown): string => {
  const plain = typeof given === "object" && given !== null && !(given instanceof Date)
  const parts: ReadonlyArray<unknown> = plain ? Object.values(given) : [given]
  if (!parts.some((part) => typeof part === "number" && Number.isNaN(part))) {
    const says = received(given)
    if (typeof given === "string" && Option.isNone(Duration.fromInput(given as Duration.Input))) {
      return `${says}: ${unitsThereAre}${/year/i.test(given) ? "; a year is 365 days" : ""}`
    }
    return isBare(given) && (given as number | bigint) > 0
      ? `${says}: say the unit, "${says} seconds" or "${says} millis"`
      : says
  }
  const told = plain ? `${received(given)} with NaN in it` : "NaN"
  return `${told}: a number that could not be computed, for example from a variable of the environment that is not set`
}

/** The same for an option that may be zero or endless; throws a `ContractError` that names the option. */
export const millisecondsOf = (option: string, given: HowLong<string>, task = ""): number => {
  const milliseconds = wholeMilliseconds(given)
  if (milliseconds >= 0) return milliseconds
  throw new ContractError({
    task,
    message: `${option} is a duration, for example "30 seconds", not ${receivedDuration(given)}`
  })
}

const spoken = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"]
] as const

/** A number of milliseconds as a person says it: "30 ms", "1.5 seconds", "10 minutes". */
export const inWords = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  const [size, name] =
    spoken.find(([size]) => milliseconds % size === 0) ??
    spoken.find(([size]) => milliseconds >= 2 * size) ??
    spoken.at(-1)!
  const count = Math.round((milliseconds / size) * 10) / 10
  return `${count} ${name}${count === 1 ? "" : "s"}`
}
