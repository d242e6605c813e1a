/** The arithmetic of the bench: medians, ratios within rounds, and the tables they are printed in. */
import { expect, test } from "vitest"
import { Samples } from "../../bench/report/samples.ts"
import { deviation, median, quantile, ratios, spreadOf } from "../../bench/report/statistics.ts"
import { plain, spread } from "../../bench/report/table.ts"
import { tablesOf } from "../../bench/report/tables.ts"
import { targetTable } from "../../bench/report/targets.ts"
import type { Workload } from "../../bench/workloads/workload.ts"

const workload: Workload = {
  name: "W2",
  title: "Round trip",
  metrics: [
    { id: "p50", title: "p50", better: "less" },
    { id: "p99", title: "p99", better: "less" }
  ],
  workers: 1,
  limit: 1,
  measure: () => Promise.resolve({})
}

const samplesOf = (rounds: ReadonlyArray<{ readonly [system: string]: number }>): Samples => {
  const samples = new Samples()
  for (const [round, values] of rounds.entries()) {
    for (const [system, p50] of Object.entries(values)) {
      samples.add({ round, workload: "W2", system, measured: { p50 } })
    }
  }
  return samples
}

test("quantiles lie between their neighbours", () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9)
  expect(median([])).toBeNaN()
})

test("a spread leaves out what is no number", () => {
  expect(spreadOf([3, Number.NaN, 1, 2])).toEqual({ median: 2, least: 1, most: 3 })
  expect(spreadOf([Number.NaN])).toBeUndefined()
})

test("the deviation is that of the farthest", () => {
  expect(deviation([10, 10, 10, 8])).toBeCloseTo(0.2)
})

test("ratios are taken within a round, and only where both were measured", () => {
  const left = new Map([
    [1, 2],
    [2, 6],
    [3, 5]
  ])
  const right = new Map([
    [1, 1],
    [2, 2]
  ])
  expect(ratios(left, right)).toEqual([2, 3])
})

test("numbers have the digits that say something", () => {
  expect([12_345.6, 123.4, 12.34, 1.234, 0.1234, 0].map(plain)).toEqual([
    "12,346",
    "123",
    "12.3",
    "1.23",
    "0.123",
    "0.00"
  ])
  expect(spread({ median: 2, least: 1, most: 3 })).toBe("2.00 (1.00…3.00)")
  expect(spread({ median: 2, least: 2, most: 2 })).toBe("2.00")
  expect(spread(undefined)).toBe("–")
})

test("a workload's tables: what was measured, and what it is to raw and to arpeggio", () => {
  const samples = samplesOf([
    { raw: 1, arpeggio: 1.5, bullmq: 3 },
    { raw: 2, arpeggio: 4, bullmq: 4 }
  ])
  const tables = tablesOf(workload, samples, ["raw", "arpeggio", "bullmq", "celery"])
  expect(tables).toBe(`### W2 Round trip

|  | p50 | p99 |
| --- | ---: | ---: |
| raw | 1.50 (1.00…2.00) | – |
| arpeggio | 2.75 (1.50…4.00) | – |
| bullmq | 3.50 (3.00…4.00) | – |

| ratio | p50 | p99 |
| --- | ---: | ---: |
| arpeggio : raw | 1.75 (1.50…2.00) | – |
| bullmq : raw | 2.50 (2.00…3.00) | – |
| arpeggio : bullmq | 0.750 (0.500…1.00) | – |`)
})

test("a workload with many metrics has a row for each", () => {
  const many = [1, 2, 3, 4, 5, 6].map((at) => ({
    id: at === 1 ? "p50" : `m${at}`,
    title: `metric ${at}`,
    better: "less" as const
  }))
  const tables = tablesOf({ ...workload, metrics: many }, samplesOf([{ raw: 1 }]), ["raw"])
  expect(tables).toContain("|  | raw |\n| --- | ---: |\n| metric 1 | 1.00 |\n| metric 2 | – |")
})

test("a target is judged by the median of the ratios, and only when both sides were measured", () => {
  const judged = targetTable(samplesOf([{ raw: 1, arpeggio: 1.2 }]))
  expect(judged).toContain("| W2 round trip p50, to raw | ≤ 1.3 | 1.20 | yes |")
  expect(judged).not.toContain("bullmq")
  expect(targetTable(samplesOf([{ raw: 1, arpeggio: 1.4 }]))).toContain("| 1.40 | **no** |")
  expect(targetTable(samplesOf([{ raw: 1 }]))).toBe("")
})
