/** Durations as they are given and as they are told. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { ContractError } from "./failure.ts"
import { received } from "./received.ts"

/** In milliseconds: the longest timeout, and the longest wait. */
export const year: number = 365 * 86_400_000

/** Whole milliseconds, rounded up; `NaN` for what is no duration. */
export const wholeMilliseconds = (given: Duration.Input): number => {
  const duration = Option.getOrUndefined(Duration.fromInput(given))
  return duration === undefined ? Number.NaN : Math.ceil(Duration.toMillis(duration))
}

/** The same for an option that may be zero or endless; throws a `ContractError` that names the option. */
export const millisecondsOf = (option: string, given: Duration.Input, task = ""): number => {
  const milliseconds = wholeMilliseconds(given)
  if (milliseconds >= 0) return milliseconds
  throw new ContractError({
    task,
    message: `${option} is a duration, for example "30 seconds" or a number of milliseconds, not ${received(given)}`
  })
}

const units = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"]
] as const

/** A number of milliseconds as a person says it: "30 ms", "1.5 seconds", "10 minutes". */
export const inWords = (milliseconds: number): string => {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  const [size, name] =
    units.find(([size]) => milliseconds % size === 0) ??
    units.find(([size]) => milliseconds >= 2 * size) ??
    units.at(-1)!
  const count = Math.round((milliseconds / size) * 10) / 10
  return `${count} ${name}${count === 1 ? "" : "s"}`
}
