/** Times by the clocks of time zones, across the changes of those clocks: what docs/learn/schedules.md promises. */
import { expect, test } from "vitest"
import { nextTimes } from "../../src/schedule/next-times.ts"

const berlin = "Europe/Berlin"
const cairo = "Africa/Cairo"
const lordHowe = "Australia/Lord_Howe"

/** Case, expression, zone, after which moment, and the next times in UTC. */
const rows: ReadonlyArray<readonly [string, string, string, string, ReadonlyArray<string>]> = [
  // The clock goes from 02:00 to 03:00 on 29 March 2026.
  [
    "an hour that does not exist: at its end",
    "30 2 * * *",
    berlin,
    "2026-03-28T12:00Z",
    ["2026-03-29T01:00", "2026-03-30T00:30"]
  ],
  [
    "an hour that does not exist: each hour",
    "0 * * * *",
    berlin,
    "2026-03-28T23:30Z",
    ["2026-03-29T00:00", "2026-03-29T01:00", "2026-03-29T02:00"]
  ],
  [
    "several times in an hour that does not exist are left out",
    "*/20 2 * * *",
    berlin,
    "2026-03-28T12:00Z",
    ["2026-03-30T00:00", "2026-03-30T00:20", "2026-03-30T00:40"]
  ],
  // The clock goes from 03:00 back to 02:00 on 25 October 2026.
  [
    "an hour that comes twice: once",
    "30 2 * * *",
    berlin,
    "2026-10-24T12:00Z",
    ["2026-10-25T00:30", "2026-10-26T01:30"]
  ],
  [
    "an hour that comes twice: each hour",
    "0 * * * *",
    berlin,
    "2026-10-24T23:30Z",
    ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"]
  ],
  // The clock goes from 00:00 to 01:00 on Friday, 24 April 2026.
  [
    "a midnight that does not exist: the day is not lost",
    "0 0 * * *",
    cairo,
    "2026-04-23T12:00Z",
    ["2026-04-23T22:00", "2026-04-24T21:00"]
  ],
  [
    "a midnight that does not exist: the week is not lost",
    "0 0 * * 5",
    cairo,
    "2026-04-17T12:00Z",
    ["2026-04-23T22:00", "2026-04-30T21:00"]
  ],
  // The clock goes from 02:00 to 02:30 on 4 October 2026.
  [
    "half an hour that does not exist",
    "15 2 * * *",
    lordHowe,
    "2026-10-02T16:00Z",
    ["2026-10-03T15:30", "2026-10-04T15:15"]
  ],
  // The clock goes from 02:00 back to 01:30 on 5 April 2026.
  [
    "half an hour that comes twice: once",
    "45 1 * * *",
    lordHowe,
    "2026-04-03T15:00Z",
    ["2026-04-04T14:45", "2026-04-05T15:15"]
  ],
  ["the last day of the month", "0 6 L * *", "UTC", "2026-02-01T00:00Z", ["2026-02-28T06:00"]],
  ["the second Friday", "0 6 * * FRI#2", "UTC", "2026-01-01T00:00Z", ["2026-01-09T06:00"]],
  ["the last Friday", "0 6 * * FRI#L", "UTC", "2026-01-01T00:00Z", ["2026-01-30T06:00"]],
  ["names", "0 6 * FEB MON-FRI", "UTC", "2026-01-01T00:00Z", ["2026-02-02T06:00"]],
  ["7 is Sunday", "0 6 * * 7", "UTC", "2026-01-01T00:00Z", ["2026-01-04T06:00"]],
  ["0 is Sunday", "0 6 * * 0", "UTC", "2026-01-01T00:00Z", ["2026-01-04T06:00"]],
  [
    "a day of the month, or of the week",
    "0 6 13 * FRI",
    "UTC",
    "2026-01-08T00:00Z",
    ["2026-01-09T06:00", "2026-01-13T06:00"]
  ],
  [
    "six fields have a second",
    "*/30 * * * * *",
    "UTC",
    "2026-01-01T00:00:10Z",
    ["2026-01-01T00:00:30", "2026-01-01T00:01"]
  ],
  ["29 February", "0 0 29 2 *", "UTC", "2026-01-01T00:00Z", ["2028-02-29T00:00"]],
  ["a name for a pattern", "@daily", berlin, "2026-07-01T00:00Z", ["2026-07-01T22:00"]]
]

const short = (date: Date): string => date.toISOString().replace(/(?::00)?\.000Z$/, "")

test.each(rows)("%s: %s in %s", (_, cron, timeZone, from, times) => {
  const found = nextTimes({ cron, timeZone }, times.length, new Date(from))
  expect(found.map(short)).toEqual(times)
})

test("an interval is counted from the epoch, whatever clocks do", () => {
  const from = new Date("2026-03-29T00:50:12Z")
  expect(nextTimes({ every: "15 minutes" }, 2, from).map(short)).toEqual([
    "2026-03-29T01:00",
    "2026-03-29T01:15"
  ])
  expect(nextTimes({ every: "1 hour", offset: "5 minutes" }, 2, from).map(short)).toEqual([
    "2026-03-29T01:05",
    "2026-03-29T02:05"
  ])
})

test("not before `from` and not after `until`", () => {
  const day = { every: "1 day" } as const
  const from = new Date("2026-05-01T00:00Z")
  const until = new Date("2026-05-03T00:00Z")
  expect(nextTimes({ ...day, from, until }, 9, new Date("2026-01-01T00:00Z")).map(short)).toEqual([
    "2026-05-01T00:00",
    "2026-05-02T00:00",
    "2026-05-03T00:00"
  ])
  expect(nextTimes({ ...day, until }, 9, until)).toEqual([])
})

test("from any moment, the next time is the one that comes next of all of them", () => {
  const patterns = ["30 2 * * *", "0 * * * *", "45 1 * * *", "0 0 * * *"]
  const changes = [
    [berlin, "2026-03-28T00:00Z"],
    [berlin, "2026-10-24T00:00Z"],
    [cairo, "2026-04-23T00:00Z"],
    [lordHowe, "2026-10-03T00:00Z"],
    [lordHowe, "2026-04-04T00:00Z"]
  ] as const
  for (const [timeZone, begin] of changes) {
    for (const cron of patterns) {
      const start = Date.parse(begin)
      const all = nextTimes({ cron, timeZone }, 80, new Date(start - 1))
      for (let moment = start; moment < start + 2 * 86_400_000; moment += 6_300_000) {
        const [next] = nextTimes({ cron, timeZone }, 1, new Date(moment))
        const expected = all.find((time) => time.getTime() > moment)
        if (expected !== undefined) expect(next).toEqual(expected)
      }
    }
  }
})
