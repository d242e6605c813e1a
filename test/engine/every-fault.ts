/** Every fault at every call of the forms of `plays`: two files take half of them each, so that two processes share the work. */
import { afterAll, describe, expect, test } from "vitest"
import { pairs } from "./amount.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { Sample } from "./sample.ts"
import { enumerate, enumeratePairs, faults, formOf, type Enumerated } from "./points.ts"

const expectRight = ({ wrong }: Enumerated): void =>
  expect(wrong?.what, wrong?.story).toBeUndefined()

/** Every other form, from the first on or from the second. */
export const everyFaultFrom = (first: 0 | 1): void => {
  const forms = Object.entries(plays).filter((_, at) => at % 2 === first)
  let played = 0
  let paired = 0
  const sample = new Sample()
  for (const [name, workflow] of forms) {
    describe(name, () => {
      const form = formOf(workflow, playTasks, playStandIns)
      for (const fault of faults) {
        test(fault, { timeout: 300_000 }, async () => {
          const enumerated = await enumerate(form, { which: [fault], sample })
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
}
