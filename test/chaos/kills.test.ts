/** The storm `kills`, at a scale that every run of the tests can bear. */
import { expect, test } from "vitest"
import { playStorm } from "./stage.ts"
import { kills } from "./storms/kills.ts"

test("workers and the broker die: every result is right, stored once, and each chord has one body", async () => {
  const lines: Array<string> = []
  const seed = Date.now() % 1_000_000
  const report = await playStorm(kills, { seed, scale: 0.03, say: (line) => lines.push(line) })
  expect(report.missed, lines.join("\n")).toEqual([])
  expect(report["kills"]).toBe(9)
  expect(report["zombies"]).toBe(3)
  expect(report["brokerKills"]).toBe(1)
}, 120_000)
