/** Durations: what is taken for one, and how they are told. */
import { describe, expect, it } from "vitest"
import { ContractError } from "arpeggio"
import { inWords, millisecondsOf } from "../../src/define/duration.ts"

describe("a duration that is told", () => {
  it.each([
    [0, "0 ms"],
    [30.4, "30 ms"],
    [999, "999 ms"],
    [1_000, "1 second"],
    [1_500, "1.5 seconds"],
    [30_000, "30 seconds"],
    [90_000, "90 seconds"],
    [600_000, "10 minutes"],
    [3_600_000, "1 hour"],
    [5_400_000, "90 minutes"],
    [172_800_000, "2 days"],
    [7_384_123, "2.1 hours"]
  ])("%d milliseconds are %s", (milliseconds, words) => {
    expect(inWords(milliseconds)).toBe(words)
  })
})

describe("a duration that is given", () => {
  it("is rounded up to whole milliseconds", () => {
    expect(millisecondsOf("within", "1500500 micros")).toBe(1_501)
    expect(millisecondsOf("within", 0)).toBe(0)
    expect(millisecondsOf("within", "Infinity")).toBe(Infinity)
  })

  it.each([20, 0.5])("says its unit: %s", (given) => {
    expect(() => millisecondsOf("within", given as never)).toThrow(
      `within is a duration, for example "30 seconds", not ${given}: say the unit, "${given} seconds" or "${given} millis"`
    )
  })

  it.each(["1 year", "11 years", "5m", "5 min", "5 minutess"])("names the units: %s", (given) => {
    const year = given.includes("year") ? "; a year is 365 days" : ""
    expect(() => millisecondsOf("within", given as never)).toThrow(
      `not "${given}": the units are millis, seconds, minutes, hours, days and weeks, as in "5 minutes"${year}`
    )
  })

  it.each(["soon", "NaN seconds", "-1 second"])("cannot be %s", (given) => {
    const refused = (): number => millisecondsOf("within", given as never, "math.add")
    expect(refused).toThrow(ContractError)
    expect(refused).toThrow(/within is a duration, for example "30 seconds"/)
  })
})
