/** Turns what a schedule is declared with into plain data, and refuses what cannot be. */
import { received } from "../define/describe-value.ts"
import { type HowLong, receivedDuration, wholeMilliseconds, year } from "../define/duration.ts"
import { ContractError } from "../define/errors.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import { whyNotCron } from "./cron.ts"
import { timesOf } from "./times.ts"
import type {
  CronBesideEvery,
  OffsetBesideCron,
  Range,
  Rules,
  ScheduleOptions,
  ScheduleSpec,
  ScheduleTimes,
  When,
  ZoneBesideEvery
} from "./spec.ts"
import { whyNotZone } from "./zone.ts"

const known: Names<ScheduleSpec> = {
  cron: true,
  timeZone: true,
  every: true,
  offset: true,
  from: true,
  until: true,
  misfire: true,
  most: true,
  tolerance: true,
  overlap: true,
  jitter: true,
  paused: true,
  input: true
}

const day = 86_400_000

const cronBesideEvery: CronBesideEvery =
  "a schedule has a cron or an every: give it one of them, and leave the other out"
const offsetBesideCron: OffsetBesideCron = "offset belongs to every, not to cron"
const zoneBesideEvery: ZoneBesideEvery = "timeZone belongs to cron: every is the same everywhere"

const refuse = (whose: string, message: string): never => {
  throw new ContractError({ task: "", message: `${whose}: ${message}` })
}

/** A duration within bounds, which are also said in words. */
const durationOf = (
  whose: string,
  name: string,
  given: HowLong<string>,
  { from, to, words }: { readonly from: number; readonly to: number; readonly words: string }
): number => {
  const milliseconds = wholeMilliseconds(given)
  if (milliseconds >= from && milliseconds <= to) return milliseconds
  return refuse(whose, `${name} is a duration ${words}, not ${receivedDuration(given)}`)
}

const whenOf = (whose: string, times: ScheduleTimes): When => {
  const { cron, timeZone, every, offset } = times as {
    readonly [name in "cron" | "timeZone" | "every" | "offset"]?: never
  }
  if (cron !== undefined && every !== undefined) return refuse(whose, cronBesideEvery)
  if (cron === undefined && every === undefined) {
    const or = 'a schedule has a cron ("0 6 * * *") or an every ("15 minutes"): neither is there'
    return refuse(whose, or)
  }
  if (every === undefined) {
    if (offset !== undefined) return refuse(whose, offsetBesideCron)
    const zone = timeZone === undefined ? "UTC" : timeZone
    const wrong = whyNotCron(cron) ?? whyNotZone(zone)
    return wrong === undefined ? { cron: cron!, timeZone: zone } : refuse(whose, wrong)
  }
  if (timeZone !== undefined) {
    return refuse(whose, zoneBesideEvery)
  }
  const words = 'from a second to a year, for example "15 minutes"'
  const apart = durationOf(whose, "every", every, { from: 1_000, to: year, words })
  if (offset === undefined) return { every: apart, offset: 0 }
  const less = { from: 0, to: apart - 1, words: 'shorter than every, for example "5 minutes"' }
  return { every: apart, offset: durationOf(whose, "offset", offset, less) }
}

const momentOf = (whose: string, name: string, given: Date | undefined): number | undefined => {
  if (given === undefined) return undefined
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given.getTime()
  return refuse(whose, `${name} is a valid Date, not ${received(given)}`)
}

const rangeOf = (whose: string, times: ScheduleTimes): Range => {
  if ((times as unknown) === undefined) {
    return refuse(
      whose,
      'its times are missing: say { cron: "0 6 * * *" } or { every: "15 minutes" }'
    )
  }
  if (Object.hasOwn(Object(times) as object, "key")) {
    return refuse(
      whose,
      "there is no option key: its name says which schedule it is, and each of its times has one run"
    )
  }
  refuseUnknown(whose, times, known)
  const when = whenOf(whose, times)
  const from = momentOf(whose, "from", times.from)
  const until = momentOf(whose, "until", times.until)
  if (from !== undefined && until !== undefined && until < from) {
    return refuse(whose, "until is before from")
  }
  const range: Range = {
    when,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until })
  }
  if ("cron" in when && timesOf({ when }).after(0) === undefined) {
    return refuse(whose, `cron ${received(when.cron)} never comes: no such day is in any year`)
  }
  return range
}

const wordOf = <Word extends string>(
  whose: string,
  name: string,
  given: unknown,
  words: readonly [Word, ...ReadonlyArray<Word>]
): Word => {
  const word = words.find((one) => one === given)
  if (word !== undefined) return word
  const all = words.map((one) => `"${one}"`).join(", ")
  return refuse(whose, `${name} is one of ${all}, not ${received(given)}`)
}

/** All of a schedule's rules. Throws a `ContractError` that begins with whose they are. */
export const rulesOf = (whose: string, spec: ScheduleTimes & ScheduleOptions): Rules => {
  const range = rangeOf(whose, spec)
  const {
    misfire = "once",
    most = 100,
    tolerance = "1 minute",
    overlap = "skip",
    jitter = 0
  } = spec
  if (!(Number.isInteger(most) && most >= 1 && most <= 1_000)) {
    return refuse(whose, `most is a whole number from 1 to 1,000, not ${received(most)}`)
  }
  if (spec.paused !== undefined && typeof spec.paused !== "boolean") {
    return refuse(whose, `paused is true or false, not ${received(spec.paused)}`)
  }
  const lateness = { from: 0, to: year, words: 'of at most a year, for example "1 minute"' }
  const spread = { from: 0, to: day, words: 'of at most a day, for example "30 seconds"' }
  return {
    ...range,
    misfire: wordOf(whose, "misfire", misfire, ["once", "skip", "all"]),
    most,
    tolerance: durationOf(whose, "tolerance", tolerance, lateness),
    overlap: wordOf(whose, "overlap", overlap, ["skip", "allow", "cancel-previous"]),
    jitter: durationOf(whose, "jitter", jitter, spread)
  }
}
