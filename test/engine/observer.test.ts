/** Several observers are one, and a worker's log and counters are two of them. */
import { expect, test } from "vitest"
import { observers, type Call } from "../../src/engine/index.ts"
import { counting, noCounts } from "../../src/worker/counters.ts"
import { workerLog } from "../../src/worker/log.ts"

const call = {
  run: { address: { owner: "app", instance: "1", run: "2" } },
  message: { task: "math.add", step: "0" }
} as Call

test("each hears what it listens to, in their order", () => {
  const heard: Array<string> = []
  const both = observers(
    { repaired: (run) => heard.push(`first ${run}`), left: (subject) => heard.push(subject) },
    { repaired: (run) => heard.push(`second ${run}`) }
  )
  both.repaired("run")
  both.left("subject", undefined)
  both.lost(call)
  expect(heard).toEqual(["first run", "second run", "subject"])
})

test("what is rare is told and counted", () => {
  const lines: Array<string> = []
  const counters = noCounts()
  const observer = observers(
    workerLog((line) => lines.push(line), "quiet"),
    counting(counters)
  )
  observer.lost(call)
  observer.fenced(call, "Succeeded")
  observer.repaired("app-1-2")
  expect(counters).toEqual({ lost: 1, fenced: 1, repaired: 1, blocked: 0 })
  expect(lines).toHaveLength(3)
  expect(lines[1]).toContain("app-1-2 math.add#0  came too late")
})
