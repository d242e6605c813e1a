/** A fault at every call, and from there on timers that fire at every place where one is set or removed: a run keeps its retry, its repair and its collection. */
import { afterAll, expect, test } from "vitest"
import { everyPoint } from "./amount.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { differs, formOf, playAt, type PointFault } from "./points.ts"

const forms = ["a chain", "a step retried", "a group recovered", "a chain that fails"]
const more = ["a chord", "a map", "a nested chord that fails", "tasks replaced in a chord"]
const all = [...forms, ...more, "a chain that waits", "members that wait"]

const before: ReadonlyArray<PointFault> = ["frozen", "crash-after", "lost"]
const firings: ReadonlyArray<PointFault> = ["fired", "firing"]

let played = 0

for (const name of everyPoint ? all : forms) {
  test(name, { timeout: 600_000 }, async () => {
    const form = { ...formOf(plays[name]!, playTasks, playStandIns), crashes: 5 }
    const { calls } = (await playAt(form, [])).played
    for (const first of calls) {
      for (const fault of before) {
        if (!differs(first, fault)) continue
        const once = await playAt(form, [{ at: first.at, fault }])
        for (const second of once.played.calls) {
          for (const firing of firings) {
            if (second.at <= first.at || !differs(second, firing)) continue
            played++
            const points = [
              { at: first.at, fault },
              { at: second.at, fault: firing }
            ]
            const { wrong, played: twice } = await playAt(form, points)
            expect(wrong, twice.story).toBeUndefined()
          }
        }
      }
    }
  })
}

afterAll(() => {
  process.stderr.write(`kill points of timers: ${played} plays\n`)
})
