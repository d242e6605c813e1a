/** What a worker says of the step that ended it decides whose loss it is; what it says wrongly lets nobody go on for ever. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { step, task } from "arpeggio"
import type { StepContext } from "../../src/define/context.ts"
import { noteLastWords } from "../../src/engine/call/last-words.ts"
import { Records } from "../../src/engine/records.ts"
import { workerOver } from "../../src/testing/index.ts"
import type { End } from "../../src/worker/end.ts"
import { sayFarewell } from "../../src/worker/last-words.ts"
import type { RunningStep } from "../../src/worker/running-handlers.ts"
import { minute, scene } from "./memory.ts"

const runs = (context: StepContext): RunningStep =>
  ({ context, began: 0, run: context.run.split("-")[2] }) as RunningStep

/** Another step, as far as a farewell names it. */
const other = (run: string): StepContext =>
  ({ run, id: "1", task: "dead.other", attempt: 1 }) as StepContext

/** A step whose workers die, and say that of it as often as it is begun; it ends when they say nothing. */
const played = async (say: (nth: number, self: StepContext) => Partial<End> | undefined) => {
  const { server, app, pass } = await scene()
  const witness = new Records(server.connect())
  let die: (self: StepContext) => Promise<string> = async () => ""
  let begun = 0
  const doomed = task("dead.spared", { input: [], output: Schema.String }, () => die(step()))
  const begin = async (): Promise<void> => {
    const broker = server.connect()
    await workerOver(broker, [doomed])
    die = async (self) => {
      begun += 1
      const said = say(begun, self)
      if (said === undefined) return "done"
      const beside = other(self.run)
      const end = { words: "boom", by: beside, sure: true, ...said }
      const running = [runs(self), runs(beside)]
      sayFarewell({ worker: self.worker, end, running, elapsed: 0 }, (words) =>
        noteLastWords(witness, words)
      )
      await server.settled()
      server.crash(broker)
      void begin()
      return new Promise(() => {})
    }
  }
  await begin()
  const run = await app.start(doomed())
  await pass(20 * minute)
  return { begun, outcome: await run.outcome(), letters: (await app.deadLetters.list()).letters }
}

test("an innocent step outlives ever so many that are named", async () => {
  const { begun, outcome } = await played((nth) => (nth <= 14 ? {} : undefined))
  expect([begun, outcome]).toEqual([15, { _tag: "Succeeded", value: "done" }])
})

test("one that is always beside them is given up at last, and it is said why", async () => {
  const { begun, outcome, letters } = await played(() => ({}))
  expect(begun).toBe(15)
  expect(outcome).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
  expect(letters[0]!.losses).toBe(15)
  expect(letters[0]!.reason).toContain("15 of them named another step that ran beside")
})

const counted: { readonly [who: string]: (self: StepContext) => Partial<End> } = {
  itself: (self) => ({ by: self }),
  "an earlier execution of itself": (self) => ({ by: { ...self, attempt: 7 } }),
  nobody: () => ({ by: undefined, sure: false }),
  "another, and it is not sure": () => ({ sure: false }),
  "one that has ended": (self) => ({ by: { ...other(self.run), id: "2" } })
}

for (const [who, said] of Object.entries(counted)) {
  test(`three losses are enough where its workers name ${who}`, async () => {
    const { begun, outcome } = await played((_, self) => said(self))
    expect([begun, outcome]).toMatchObject([3, { _tag: "Crashed", name: "WorkerLost" }])
  })
}

test("what is another's does not make up for what is its own", async () => {
  const { begun, outcome } = await played((nth, self) => (nth % 2 === 0 ? {} : { by: self }))
  expect([begun, outcome]).toMatchObject([5, { _tag: "Crashed", name: "WorkerLost" }])
})
