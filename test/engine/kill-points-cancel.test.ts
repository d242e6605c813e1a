/**
 * A cancel in the middle of a run, and every fault at every call from then on, those of the cancel itself among them:
 * one outcome, which whoever cancelled is told, and nothing is left behind.
 */
import { afterAll, expect, test } from "vitest"
import { implement, type AnyTask } from "../../src/define/task.ts"
import { moments } from "./amount.ts"
import { play } from "./play.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { Sample } from "./sample.ts"
import { callsOf, cancelled, enumerate, faults, formOf, type Form } from "./points.ts"

/** Handlers that wait for something: one that has ended when it returns leaves a cancel hardly a moment to win in. */
const waiting = playTasks.map((task) =>
  implement(task as never, async (...input: ReadonlyArray<unknown>) => {
    const given: unknown = await (task["~arpeggio"].handler as Callable)(...input)
    await new Promise(setImmediate)
    return given as never
  })
) as ReadonlyArray<AnyTask>

type Callable = (...input: ReadonlyArray<unknown>) => unknown

const forms = [
  "a call",
  "a chain",
  "a chord",
  "a nested chord that fails",
  "a map with lanes",
  "a step retried",
  "a group recovered",
  "tasks replaced in a chord",
  "a chain that waits",
  "members that wait"
]

let played = 0
let stoppedOnes = 0
const sample = new Sample()

for (const name of forms) {
  test(name, { timeout: 300_000 }, async () => {
    const form = formOf(plays[name]!, playTasks, playStandIns)
    const { length } = await callsOf(form)
    // One more than moments: behind the last of them little is left that a cancel could win against.
    const every = Math.max(1, Math.floor(length / (moments + 1)))
    for (let moment = 1; moment <= length; moment += every) {
      const stopped: Form = {
        ...form,
        tasks: waiting,
        cancelAt: ({ at }) => at >= moment,
        admitted: [...form.admitted, cancelled]
      }
      const enumerated = await enumerate(stopped, { from: moment, sample })
      played += enumerated.plays
      expect(enumerated.wrong?.what, enumerated.wrong?.story).toBeUndefined()
      const { outcome } = await play(stopped)
      if (outcome === cancelled) stoppedOnes++
    }
  })
}

test("the cancel often wins", () => {
  expect(stoppedOnes).toBeGreaterThan(forms.length)
})

afterAll(() => {
  process.stderr.write(
    `kill points of a cancel: ${forms.length} forms x ${moments} moments x ${faults.length} faults, ${played} plays\n`
  )
})
