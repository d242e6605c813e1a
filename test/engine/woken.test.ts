/** A worker that was frozen for longer than its lease and wakes up with a call in hand that another goes on with. */
import { expect, test } from "vitest"
import { group } from "../../src/compose/group.ts"
import { settle } from "../../src/compose/settle.ts"
import { fail, identity } from "../fixtures/tasks.ts"
import { play } from "./play.ts"
import { playTasks } from "./plays.ts"
import { deaf } from "./sabotage.ts"

const ones = {
  "that heard nothing": { workflow: settle(group(identity(1))), sabotage: deaf },
  "that heard of the failure": { workflow: settle(group(fail(1))) }
}

for (const [how, one] of Object.entries(ones)) {
  test(`does not ack what is not done yet: one ${how}`, async () => {
    let frozen = 0
    let lost = 0
    const { outcome, story } = await play({
      ...one,
      tasks: playTasks,
      faultAt: ({ verb, subject }) => {
        // The other one has decided step and scope, and what follows is still owed.
        if (verb === "publish" && subject.startsWith("memory.r.") && ++lost === 1) return "lost"
        if (verb !== "deliver" || !/canvas.(identity|fail)/.test(subject)) return undefined
        return ++frozen === 1 ? "frozen" : undefined
      }
    })
    expect(outcome, story).toContain("Succeeded")
  })
}

test("leaves no note of its loss behind when it ends a run of one call after all", async () => {
  let noted = 0
  let ended = 0
  const { outcome, left, story } = await play({
    workflow: identity(1),
    tasks: playTasks,
    faultAt: ({ verb, subject }) => {
      if (verb !== "publish") return undefined
      if (subject.startsWith("memory.r.") && ++ended === 1) return "frozen"
      return subject.startsWith("memory.a.") && ++noted === 1 ? "unanswered" : undefined
    }
  })
  expect(outcome, story).toContain("Succeeded")
  expect(noted, story).toBe(1)
  expect(left, story).toEqual([])
})
