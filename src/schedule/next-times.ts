/** Tells when a schedule will start its workflow. */
import { received } from "../define/describe-value.ts"
import { ContractError } from "../define/errors.ts"
import { rulesOf } from "./rules.ts"
import type { ScheduleOptions, ScheduleTimes } from "./spec.ts"
import { timesOf } from "./times.ts"

/**
 * The next times of a schedule, worked out by what starts it; asks nobody. Fewer than asked for where there are no more.
 * `from`: after that moment; default: now. Throws a `ContractError` for times that cannot be.
 *
 * @example
 * const [first] = nextTimes({ cron: "0 6 * * MON-FRI", timeZone: "Europe/Berlin" }, 1, new Date("2026-03-28T12:00:00Z"))
 * const answer = first?.toISOString() // "2026-03-30T04:00:00.000Z"
 */
export const nextTimes = (
  spec: ScheduleTimes & ScheduleOptions & { readonly input?: unknown },
  count: number,
  from: Date = new Date()
): ReadonlyArray<Date> => {
  const times = timesOf(rulesOf("nextTimes", spec))
  if (!(Number.isInteger(count) && count >= 0 && count <= 10_000)) {
    const message = `nextTimes: count is a whole number from 0 to 10,000, not ${received(count)}`
    throw new ContractError({ task: "", message })
  }
  const moment = from instanceof Date ? from.getTime() : Number.NaN
  if (Number.isNaN(moment)) {
    const message = `nextTimes: from is a valid Date, not ${received(from)}`
    throw new ContractError({ task: "", message })
  }
  const found: Array<Date> = []
  let time = times.after(moment)
  while (time !== undefined && found.length < count) {
    found.push(new Date(time))
    time = times.after(time)
  }
  return found
}
