/**
 * Every fault at every call of every worker, and at everything that arrives there: the run comes to an outcome that the
 * interpreter admits, its body is one step with one input, and nothing is left behind.
 */
import { afterAll, describe, expect, test } from "vitest"
import { pairs } from "./amount.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { enumerate, enumeratePairs, faults, formOf, type Enumerated } from "./points.ts"

const forms = Object.entries(plays)
let played = 0
let paired = 0

const expectRight = ({ wrong }: Enumerated): void =>
  expect(wrong?.what, wrong?.story).toBeUndefined()

for (const [name, workflow] of forms) {
  describe(name, () => {
    const form = formOf(workflow, playTasks, playStandIns)
    for (const fault of faults) {
      test(fault, { timeout: 300_000 }, async () => {
        const enumerated = await enumerate(form, [fault])
        played += enumerated.plays
        expectRight(enumerated)
      })
    }
    test("two faults", { timeout: 300_000 }, async () => {
      const enumerated = await enumeratePairs({ ...form, crashes: 5 }, 20_261_124, pairs)
      paired += enumerated.plays
      expectRight(enumerated)
    })
  })
}

afterAll(() => {
  process.stderr.write(
    `kill points: ${forms.length} forms x ${faults.length} faults, ${played} plays; ${paired} with two faults\n`
  )
})
