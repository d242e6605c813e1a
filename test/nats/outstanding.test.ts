import { describe, expect, it } from "vitest"
import { Outstanding } from "../../src/nats/outstanding.ts"

describe("what is outstanding", () => {
  it("is found by its number until it is removed", () => {
    const outstanding = new Outstanding<string>()
    const one = outstanding.add("one")
    const other = outstanding.add("other")
    expect(outstanding.at(one)).toBe("one")
    outstanding.remove(one)
    outstanding.remove(one)
    expect([outstanding.at(one), outstanding.at(other), outstanding.size]).toEqual([
      undefined,
      "other",
      1
    ])
    expect([0, -1, 1e9, Number.NaN].map((number) => outstanding.at(number))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })

  it("keeps its number beside what comes and goes, is listed in order, and no number is given twice", () => {
    const outstanding = new Outstanding<number>()
    const kept = new Map<number, number>()
    const given = new Set<number>()
    let added = 0
    const add = (value: number): number => {
      const number = outstanding.add(value)
      given.add(number)
      added += 1
      return number
    }
    for (let round = 0; round < 20_000; round++) {
      const number = add(round)
      if (round % 17 === 0) kept.set(number, round)
      else outstanding.remove(number)
    }
    expect(outstanding.size).toBe(kept.size)
    for (const [number, value] of kept) expect(outstanding.at(number)).toBe(value)
    expect([...outstanding]).toEqual([...kept.values()])
    for (const number of kept.keys()) outstanding.remove(number)
    expect(outstanding.size).toBe(0)
    const after = add(-1)
    expect([...outstanding]).toEqual([-1])
    for (const number of given)
      expect(outstanding.at(number)).toBe(number === after ? -1 : undefined)
  })

  it("goes on when something is removed or added while all are gone through", () => {
    const outstanding = new Outstanding<string>()
    const [, second] = ["first", "second", "third"].map((value) => outstanding.add(value))
    const seen: Array<string> = []
    for (const value of outstanding) {
      seen.push(value)
      if (value === "first") {
        outstanding.remove(second!)
        outstanding.add("fourth")
      }
    }
    expect(seen).toEqual(["first", "third"])
    expect([...outstanding]).toEqual(["first", "third", "fourth"])
  })

  it("holds many at once", () => {
    const outstanding = new Outstanding<number>()
    const numbers = Array.from({ length: 100_000 }, (_, at) => outstanding.add(at))
    expect(outstanding.size).toBe(100_000)
    expect(numbers.every((number, at) => outstanding.at(number) === at)).toBe(true)
  })
})
