/** What the soak says of memory: a leak is told from a level that goes up and down. */
import { expect, test } from "vitest"
import { seededRandom } from "../../src/testing/memory/random.ts"
import { grows, residentOf, trendOf, type Sample } from "./memory.ts"

/** Fifteen minutes of samples, five seconds apart, that climb for a minute and fall back; in MB and MB an hour. */
const sawtooth = (level: number, slope: number, height: number): ReadonlyArray<Sample> => {
  const random = seededRandom(7)
  return Array.from({ length: 180 }, (_, at) => ({
    at: at * 5_000,
    bytes: (level + (slope * at * 5) / 3_600 + height * ((at % 12) / 12 + random() / 5)) * 1_048_576
  }))
}
const third = 1 / 3

test("the slope of a straight line is found, and is certain", () => {
  const trend = trendOf(
    Array.from({ length: 50 }, (_, at) => ({ at: at * 36_000, bytes: (100 + at) * 1_048_576 }))
  )!
  expect(trend.slope).toBeCloseTo(100, 6)
  expect(trend.high - trend.low).toBeLessThan(0.001)
  expect(trend.mean).toBeCloseTo(124.5, 6)
})

test("a level that goes up and down does not grow", () => {
  const trend = trendOf(sawtooth(100, 0, 30))!
  expect(trend.low).toBeLessThan(0)
  expect(trend.high).toBeGreaterThan(0)
  expect(grows(trend, third)).toBe(false)
})

test("a leak beneath the ups and downs is found", () => {
  const trend = trendOf(sawtooth(100, 90, 30))!
  expect(trend.low).toBeLessThan(90)
  expect(trend.high).toBeGreaterThan(90)
  expect(grows(trend, third)).toBe(true)
})

test("the interval is wider when neighbours are alike", () => {
  const samples = sawtooth(100, 0, 30)
  const random = seededRandom(1)
  const shuffled = samples
    .map(({ bytes }) => ({ bytes, order: random() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ bytes }, at) => ({ at: samples[at]!.at, bytes }))
  const width = (of: ReadonlyArray<Sample>): number => {
    const { low, high } = trendOf(of)!
    return high - low
  }
  expect(width(samples)).toBeGreaterThan(1.5 * width(shuffled))
})

test("a few samples make no line", () => {
  expect(trendOf(sawtooth(100, 0, 30).slice(0, 5))).toBeUndefined()
})

test("the memory of a process is read, and of none is not", async () => {
  expect(await residentOf(process.pid)).toBeGreaterThan(10 * 1_048_576)
  expect(await residentOf(2 ** 22 + 1)).toBeUndefined()
})
