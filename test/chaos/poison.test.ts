/** The storm `poison`: a task that kills its workers, among a thousand good ones. */
import { expect, test } from "vitest"
import { playStorm } from "./stage.ts"
import { poison } from "./storms/poison.ts"

test("is given up after exactly three workers, and the thousand others are done", async () => {
  const lines: Array<string> = []
  const report = await playStorm(poison, { seed: 1, scale: 1, say: (line) => lines.push(line) })
  expect(report.missed, lines.join("\n")).toEqual([])
  expect(report["says"]).toContain(
    "storm.poison was begun 3 times by workers that died or lost the connection before it ended"
  )
}, 120_000)
