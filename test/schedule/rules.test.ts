/** What a schedule cannot be declared with, and the sentences that say so. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, ContractError, map, schedule, sleep, task } from "arpeggio"
import { nextTimes } from "../../src/schedule/next-times.ts"
import { rulesOf } from "../../src/schedule/rules.ts"

const refused = (spec: object): string => {
  try {
    rulesOf("schedule", spec as never)
  } catch (cause) {
    return (cause as Error).message
  }
  return "accepted"
}

const rows: ReadonlyArray<readonly [object, string]> = [
  [{}, 'a schedule has a cron ("0 6 * * *") or an every ("15 minutes"): neither is there'],
  [
    { cron: "* * * * *", every: "1 minute" },
    "a schedule has a cron or an every: give it one of them, and leave the other out"
  ],
  [{ cron: 5 }, 'cron is a text, for example "0 6 * * *" (each day at six), not 5'],
  [{ cron: "0 25 * * *" }, 'cron "0 25 * * *": the hour cannot be "25"; it is 0 to 23'],
  [{ cron: "61 * * * *" }, 'the minute cannot be "61"'],
  [{ cron: "99 * * * * *" }, 'the second cannot be "99"'],
  [{ cron: "0 0 32 * *" }, 'the day of the month cannot be "32"'],
  [{ cron: "0 0 * 13 *" }, 'the month cannot be "13"; it is 1 to 12, or JAN to DEC'],
  [{ cron: "0 0 * * FUN" }, 'the day of the week cannot be "FUN"'],
  [{ cron: "0 0 1 1 * 2027" }, 'the day of the week cannot be "2027"'],
  [{ cron: "*/0 * * * *" }, 'the minute cannot be "*/0"'],
  [
    { cron: "* * * *" },
    'cron has five fields (minute, hour, day of the month, month, day of the week), or six with the second before them, for example "0 6 * * *" (each day at six); "* * * *" has 4'
  ],
  [{ cron: "* * * * * * 2027" }, "has 7"],
  [{ cron: "" }, '"" has none'],
  [{ cron: "@reboot" }, 'cron "@reboot" is not known: there are @hourly, @daily'],
  [{ cron: "0 0 30 2 *" }, 'cron "0 0 30 2 *" never comes: no such day is in any year'],
  [
    { cron: "* * * * *", timeZone: "Europe/Berln" },
    'timeZone is the name of a time zone, for example "Europe/Berlin", not "Europe/Berln": the nearest is "Europe/Berlin"'
  ],
  [{ cron: "* * * * *", timeZone: "Tokyo" }, 'the nearest is "Asia/Tokyo"'],
  [{ cron: "* * * * *", timeZone: "New York" }, 'the nearest is "America/New_York"'],
  [{ cron: "* * * * *", timeZone: "+02:00" }, "timeZone is the name of a time zone"],
  [{ cron: "* * * * *", timeZone: 1 }, 'for example "Europe/Berlin", not 1'],
  [{ cron: "* * * * *", offset: "1 minute" }, "offset belongs to every, not to cron"],
  [
    { every: "1 minute", timeZone: "UTC" },
    "timeZone belongs to cron: every is the same everywhere"
  ],
  [
    { every: 5 },
    'every is a duration from a second to a year, for example "15 minutes", not 5: say the unit, "5 seconds" or "5 millis"'
  ],
  [{ every: "500 millis" }, "every is a duration from a second to a year"],
  [{ every: "5m" }, 'not "5m"'],
  [{ every: "1 minute", offset: "1 minute" }, "offset is a duration shorter than every"],
  [{ every: "1 minute", misfire: "none" }, 'misfire is one of "once", "skip", "all", not "none"'],
  [
    { every: "1 minute", overlap: "cancel" },
    'overlap is one of "skip", "allow", "cancel-previous", not "cancel"'
  ],
  [{ every: "1 minute", most: 0 }, "most is a whole number from 1 to 1,000, not 0"],
  [{ every: "1 minute", tolerance: "-1 seconds" }, "tolerance is a duration of at most a year"],
  [{ every: "1 minute", jitter: "2 days" }, "jitter is a duration of at most a day"],
  [{ every: "1 minute", paused: 1 }, "paused is true or false, not 1"],
  [{ every: "1 minute", from: "tomorrow" }, 'from is a valid Date, not "tomorrow"'],
  [{ every: "1 minute", until: new Date(Number.NaN) }, "until is a valid Date, not Invalid Date"],
  [{ every: "1 minute", from: new Date(2), until: new Date(1) }, "until is before from"],
  [
    { cron: "* * * * *", timeZone: "UTC+2" },
    'an offset is not a zone. Say a place, for example "Europe/Berlin", or "Etc/GMT-2", which is +2 hours from UTC all the year'
  ],
  [{ cron: "* * * * *", timeZone: "GMT+1" }, '"Etc/GMT-1"'],
  [{ cron: "* * * * *", timeZone: "+01:00" }, '"Etc/GMT-1"'],
  [{ cron: "* * * * *", timeZone: "-05:30" }, 'Say a place, for example "Europe/Berlin"'],
  [{ cron: "* * * * *", timeZone: null }, 'for example "Europe/Berlin", not null'],
  [{ cron: "* * * * *", tz: "UTC" }, "there is no option tz. The nearest is timeZone"],
  [
    { cron: "* * * * *", key: "k" },
    "there is no option key: its name says which schedule it is, and each of its times has one run"
  ],
  [
    { every: "1 year" },
    '"1 year": the units are millis, seconds, minutes, hours, days and weeks, as in "5 minutes"; a year is 365 days'
  ],
  [{ every: "5 minutess" }, 'not "5 minutess": the units are millis, seconds'],
  [{ crom: "* * * * *" }, "there is no option crom. The nearest is cron"],
  [{ cron: "* * * * *", timezone: "UTC" }, "there is no option timezone. The nearest is timeZone"]
]

test.each(rows)("%j is refused", (spec, sentence) => {
  expect(refused(spec)).toContain(sentence)
  expect(refused(spec)).toMatch(/^schedule: /)
})

test("a schedule without times says what is missing", () => {
  const words = 'its times are missing: say { cron: "0 6 * * *" } or { every: "15 minutes" }'
  const nothing = undefined as never
  const run = task("rules.none", { input: [], output: Schema.Void })
  expect(refused(nothing)).toBe(`schedule: ${words}`)
  expect(() => nextTimes(nothing, 1)).toThrow(ContractError)
  expect(() => schedule("n", run(), nothing)).toThrow(`schedule "n": ${words}`)
})

test("a moment in the workflow, which would be the same each time, is refused", () => {
  const run = task("rules.run", { input: [], output: Schema.Void })
  const each = task("rules.each", { input: [Schema.Finite], output: Schema.Void })
  const date = new Date("2030-01-01T00:00:00Z")
  const said = (workflow: unknown) => () =>
    schedule("n", workflow as never, { every: "1 hour", input: [1] } as never)
  expect(said(run().with({ expires: date }))).toThrow(
    'schedule "n": rules.run has a Date for expires, which is the same moment for each of its runs: say how long after it could be queued, for example .with({ expires: "5 minutes" })'
  )
  expect(said(map(each().with({ eta: date })))).toThrow("rules.each has an eta")
  expect(said(chain(run(), sleep(date), run()))).toThrow('for example sleep("5 minutes")')
  const workflow = chain(run().with({ delay: "1 second", expires: "1 hour" }), sleep("1 second"))
  expect(schedule("n", workflow, { every: "1 hour" }).name).toBe("n")
})

test("what is left out has its default, in milliseconds", () => {
  expect(rulesOf("schedule", { cron: "0 6 * * *" })).toEqual({
    when: { cron: "0 6 * * *", timeZone: "UTC" },
    misfire: "once",
    most: 100,
    tolerance: 60_000,
    overlap: "skip",
    jitter: 0
  })
  expect(rulesOf("schedule", { every: { minutes: 5 }, offset: "1 minute" }).when).toEqual({
    every: 300_000,
    offset: 60_000
  })
})

test("nextTimes asks for a number and a moment", () => {
  const spec = { every: "1 minute" } as const
  expect(() => nextTimes(spec, 1.5)).toThrow("nextTimes: count is a whole number from 0 to 10,000")
  expect(() => nextTimes(spec, 1, new Date(Number.NaN))).toThrow("nextTimes: from is a valid Date")
  expect(() => nextTimes({ every: 5 as never }, 1)).toThrow("nextTimes: every is a duration")
  expect(nextTimes(spec, 3)).toHaveLength(3)
})
