/** What a schedule does at a moment, by table and at random. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { rulesOf } from "../../src/schedule/rules.ts"
import type { ScheduleOptions, ScheduleTimes } from "../../src/schedule/spec.ts"
import { decideTick, dueAt, overlapping, type Standing } from "../../src/schedule/tick.ts"
import { newest, timesOf } from "../../src/schedule/times.ts"

const second = 1_000
const minute = 60 * second

const standing = (
  spec: ScheduleTimes & ScheduleOptions,
  next: number | undefined,
  paused = false
): Standing => ({
  rules: rulesOf("test", spec),
  name: "test",
  ...(next === undefined ? {} : { next }),
  paused
})

const everyMinute = (options: ScheduleOptions & { readonly until?: Date } = {}) => ({
  every: "1 minute" as const,
  tolerance: "30 seconds" as const,
  ...options
})

/** Next was at minute 10; each row: what was said, seconds after that, and what is done, in minutes. */
const rows = [
  [{}, -1, { do: "wait", until: 10 }],
  [{}, 0, { do: "go", missed: 0, starts: [10], next: 11 }],
  [{}, 30, { do: "go", missed: 0, starts: [10], next: 11 }],
  // Just missed: one makes it good.
  [{}, 31, { do: "go", missed: 0, starts: [10], next: 11 }],
  [{ misfire: "skip" }, 31, { do: "go", missed: 1, starts: [], next: 11 }],
  // Long missed, and none is due in time: the last.
  [{}, 600 + 45, { do: "go", missed: 10, starts: [20], next: 21 }],
  [{ misfire: "skip" }, 600 + 45, { do: "go", missed: 11, starts: [], next: 21 }],
  [{ misfire: "all" }, 600 + 45, { do: "go", missed: 0, starts: range(10, 20), next: 21 }],
  [{ misfire: "all", most: 3 }, 600 + 45, { do: "go", missed: 8, starts: [18, 19, 20], next: 21 }],
  // Long missed, and one is due in time: that makes it good.
  [{}, 600, { do: "go", missed: 10, starts: [20], next: 21 }],
  [{ misfire: "skip" }, 600, { do: "go", missed: 10, starts: [20], next: 21 }],
  [{ misfire: "all", most: 3 }, 600, { do: "go", missed: 8, starts: [18, 19], next: 20 }],
  // Several are in time.
  [{ tolerance: "5 minutes" }, 180, { do: "go", missed: 0, starts: range(10, 13), next: 14 }],
  [{ until: new Date(12 * minute) }, 600, { do: "go", missed: 2, starts: [12], next: undefined }],
  [{ until: new Date(10 * minute) }, 0, { do: "go", missed: 0, starts: [10], next: undefined }]
] as const satisfies ReadonlyArray<readonly [object, number, object]>

function range(from: number, to: number): ReadonlyArray<number> {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

const inMinutes = (decision: ReturnType<typeof decideTick>): object => {
  const part = (moment: number | undefined) => (moment === undefined ? undefined : moment / minute)
  if (decision.do === "rest") return decision
  if (decision.do === "wait") return { ...decision, until: part(decision.until) }
  return { ...decision, starts: decision.starts.map(part), next: part(decision.next) }
}

test.each(rows)("%j, %d seconds after its time", (options, seconds, decided) => {
  const at = standing(everyMinute(options), 10 * minute)
  expect(inMinutes(decideTick(at, 10 * minute + seconds * second))).toEqual(decided)
})

test("what is paused or over rests", () => {
  expect(decideTick(standing(everyMinute(), 0, true), minute)).toEqual({ do: "rest" })
  expect(decideTick(standing(everyMinute(), undefined), minute)).toEqual({ do: "rest" })
})

test("overlap", () => {
  expect(overlapping({ overlap: "skip" }, false)).toBe("start")
  expect(overlapping({ overlap: "skip" }, true)).toBe("skip")
  expect(overlapping({ overlap: "allow" }, true)).toBe("start")
  expect(overlapping({ overlap: "cancel-previous" }, true)).toBe("cancel")
})

test("a second's schedule after a year without a worker is decided at once, and counted exactly", () => {
  const year = 365 * 86_400_000
  const next = 1_000 * second
  const of = (options: ScheduleOptions) =>
    decideTick(
      standing({ every: "1 second", tolerance: "500 millis", ...options }, next),
      next + year + 900
    )
  expect(of({})).toEqual({
    do: "go",
    missed: year / second,
    starts: [next + year],
    next: next + year + second
  })
  const all = of({ misfire: "all", most: 1_000 })
  if (all.do !== "go") throw new Error(all.do)
  expect([all.starts.length, all.missed]).toEqual([100, year / second + 1 - 1_000])
})

const spec = fc.record({
  times: fc.oneof(
    fc
      .constantFrom(
        "* * * * *",
        "*/7 * * * *",
        "0 * * * *",
        "30 2 * * *",
        "0 0 L * *",
        "0 9 * * MON-FRI"
      )
      .chain((cron) =>
        fc
          .constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo")
          .map((timeZone): ScheduleTimes => ({ cron, timeZone }))
      ),
    fc.integer({ min: 1, max: 7_200 }).map((seconds): ScheduleTimes => ({ every: { seconds } }))
  ),
  misfire: fc.constantFrom("once" as const, "skip" as const, "all" as const),
  most: fc.integer({ min: 1, max: 20 }),
  tolerance: fc.integer({ min: 0, max: 600 }).map((seconds) => ({ seconds })),
  jitter: fc.integer({ min: 0, max: 30 }).map((seconds) => ({ seconds }))
})

test("whatever is said, times are started in order, none early and none twice, and each is started, missed or to come", () => {
  const begin = Date.UTC(2026, 2, 28)
  const moments = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(spec, moments, ({ times, ...options }, waits) => {
      const rules = rulesOf("test", { ...times, ...options })
      const of = timesOf(rules)
      let next = of.after(begin)
      let now = begin
      let missed = 0
      const started: Array<number> = []
      for (const wait of waits) {
        now += wait * second
        for (let turn = 0; ; turn++) {
          expect(turn).toBeLessThan(1_000)
          const decision = decideTick({ rules, name: "n", next: next!, paused: false }, now)
          if (decision.do !== "go") {
            expect(decision.do).toBe("wait")
            if (decision.do === "wait") expect(decision.until).toBeGreaterThan(now)
            break
          }
          for (const start of decision.starts) {
            expect(dueAt({ rules, name: "n" }, start)).toBeLessThanOrEqual(now)
            expect(start).toBeGreaterThan(started.at(-1) ?? begin)
            if (options.misfire === "skip") {
              expect(now - start).toBeLessThanOrEqual(rules.jitter + rules.tolerance)
            }
            started.push(start)
          }
          expect(decision.next).toBeGreaterThan(next!)
          missed += decision.missed
          next = decision.next
        }
      }
      const all = upTo(of.after, begin, next!)
      expect(started.every((time) => all.includes(time))).toBe(true)
      // Beyond a hundred of a cron's, a hundred are counted.
      if (all.length <= 100) expect(started.length + missed).toBe(all.length)
    }),
    { numRuns: 60 }
  )
})

const upTo = (
  after: (moment: number) => number | undefined,
  from: number,
  before: number
): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let time = after(from); time !== undefined && time < before; time = after(time)) {
    found.push(time)
  }
  return found
}

test("the newest times are those at the end of all of them", () => {
  fc.assert(
    fc.property(
      spec,
      fc.integer({ min: 0, max: 400_000 }),
      fc.integer({ min: 1, max: 30 }),
      ({ times }, length, most) => {
        const of = timesOf(rulesOf("test", times))
        const begin = Date.UTC(2026, 9, 24)
        const end = begin + length * second
        expect(newest(of, begin, end, most)).toEqual(upTo(of.after, begin - 1, end).slice(-most))
      }
    ),
    { numRuns: 60 }
  )
})

test("jitter is the same whoever asks, spread out, and within its bounds", () => {
  const rules = rulesOf("test", { every: "1 minute", jitter: "30 seconds" })
  const delays = range(1, 200).map((at) => dueAt({ rules, name: "a" }, at * minute) - at * minute)
  expect(delays).toEqual(
    range(1, 200).map((at) => dueAt({ rules, name: "a" }, at * minute) - at * minute)
  )
  expect(Math.min(...delays)).toBeLessThan(3 * second)
  expect(Math.max(...delays)).toBeGreaterThan(27 * second)
  expect(Math.max(...delays)).toBeLessThan(30 * second)
  expect(dueAt({ rules, name: "b" }, minute)).not.toBe(dueAt({ rules, name: "a" }, minute))
})
