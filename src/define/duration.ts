/** Reads a duration that is given as an option, and refuses what is none in words that name the option. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { ContractError } from "./failure.ts"
import { received } from "./received.ts"

/** Milliseconds; throws a `ContractError` for what is no duration, or a negative one. */
export const millisecondsOf = (option: string, given: Duration.Input): number => {
  const duration = Option.getOrUndefined(Duration.fromInput(given))
  const milliseconds = duration === undefined ? Number.NaN : Duration.toMillis(duration)
  if (milliseconds >= 0) return milliseconds
  throw new ContractError({
    task: "",
    message: `${option} is a duration, for example "30 seconds" or a number of milliseconds, not ${received(given)}`
  })
}
