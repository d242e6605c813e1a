/** Reads cron expressions and works out their times: the one place that knows croner. */
import { Cron } from "croner"
import { received } from "../define/describe-value.ts"

/** The fields of six, each with what it may hold. */
const fields = [
  ["second", "0 to 59"],
  ["minute", "0 to 59"],
  ["hour", "0 to 23"],
  ["day of the month", "1 to 31, or L for the last"],
  ["month", "1 to 12, or JAN to DEC"],
  ["day of the week", "0 to 7, or SUN to SAT, where 0 and 7 are Sunday"]
] as const

const nicknames = "@hourly, @daily, @weekly, @monthly and @yearly"

const example = '"0 6 * * *" (each day at six)'

const read = (cron: string, timeZone: string): Cron =>
  new Cron(cron, { paused: true, timezone: timeZone })

const canBeRead = (cron: string): boolean => {
  try {
    read(cron, "UTC")
    return true
  } catch {
    return false
  }
}

/** What is wrong with an expression, or `undefined`. */
export const whyNotCron = (cron: unknown): string | undefined => {
  if (typeof cron !== "string")
    return `cron is a text, for example ${example}, not ${received(cron)}`
  const parts = cron.trim().split(/\s+/)
  if (parts[0]!.startsWith("@")) {
    return canBeRead(cron)
      ? undefined
      : `cron ${received(cron)} is not known: there are ${nicknames}, and fields, for example ${example}`
  }
  if (parts.length !== 5 && parts.length !== 6) {
    const many = cron.trim() === "" ? "none" : String(parts.length)
    return `cron has five fields (minute, hour, day of the month, month, day of the week), or six with the second before them, for example ${example}; ${received(cron)} has ${many}`
  }
  const wrong = parts.findIndex((part, at) => !canBeRead(alone(part, at + 6 - parts.length)))
  if (wrong >= 0) {
    const [name, range] = fields[wrong + 6 - parts.length]!
    return `cron ${received(cron)}: the ${name} cannot be ${received(parts[wrong])}; it is ${range}, as lists (1,2), ranges (1-5) and steps (*/5)`
  }
  return canBeRead(cron) ? undefined : `cron ${received(cron)} cannot be read`
}

/** An expression in which only one field says anything. */
const alone = (part: string, field: number): string =>
  fields.map((_, at) => (at === field ? part : "*")).join(" ")

/** The times of an expression: the first after a moment, in epoch milliseconds; none where it never comes. */
export const cronTimes = (
  cron: string,
  timeZone: string
): ((moment: number) => number | undefined) => {
  const times = read(cron, timeZone)
  return (moment) => times.nextRun(new Date(moment))?.getTime()
}
