/** Calls removed by hand: the run's timer finds that it stands still and begins it again; what has its outcome is not executed twice. */
import { describe, expect, test } from "vitest"
import type { Workflow } from "../../src/define/workflow.ts"
import { addressOf, runFilter } from "../../src/encode/subjects.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { admissible } from "../reference/interpreter.ts"
import { outcomeRead } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"
import { toldText } from "../reference/told.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { withoutLeavingTimers } from "./timers.ts"
import { timePlays } from "./time-plays.ts"

const reference = referenceOf(playTasks, playStandIns)
const minutes = 60_000

/** Plays a form; right after the call with this number its worker dies, and an operator removes all that is queued. */
const removeAfter = (form: string, at: number) => withoutLeavingTimers(() => perform(form, at))

const perform = async (form: string, at: number) => {
  const server = memoryServer({ clock: "manual" })
  const said: Array<string> = []
  const options = { print: (line: string): number => said.push(line) }
  let end = (): void => {}
  /** The workers end with the play: a worker of this process is held until its broker has ended. */
  const ended = new Promise<undefined>((resolve) => (end = () => resolve(undefined)))
  const work = () =>
    workerOver({ ...server.connect({ name: "worker" }), ended }, playTasks, options as never)
  await work()
  const app = await clientOver(server.connect({ name: "client" }))
  const operator = server.connect({ name: "operator" })
  let calls = 0
  let afterItsEnd = false
  let started: string | undefined
  const hasEnded = (): boolean =>
    started !== undefined &&
    server.records(runFilter("memory", "r", addressOf(started)!)).length > 0
  let kept: number | undefined
  server.onCall = ({ connection, subject }) => {
    if (connection !== "worker") return undefined
    calls += 1
    if (subject.endsWith(".collect._")) kept ??= calls
    if (calls !== at) return undefined
    afterItsEnd = hasEnded()
    void operator.purge("memory.t.>").then(work)
    return "crash-after"
  }
  const run = await app.start(plays[form]! as Workflow<void, unknown>)
  started = run.id
  for (let passed = 0; passed < 20 && !hasEnded(); passed++) {
    await server.settled()
    server.clock.advance(minutes)
  }
  await server.settled()
  const outcome = hasEnded() ? toldText(await run.outcome()) : "never ended"
  for (let passed = 0; passed < 10; passed++) {
    server.clock.advance(minutes)
    await server.settled()
  }
  const left = server.records().map(({ subject }) => subject)
  await app.close()
  end()
  return {
    calls,
    kept,
    outcome,
    afterItsEnd,
    left: left.filter((subject) => !subject.startsWith("memory.r.")),
    repaired: said.filter((line) => line.includes("stood still")).length
  }
}

describe("a run whose calls were removed", () => {
  for (const [form, workflow] of Object.entries(plays)) {
    // A run of one call is nothing but its call: removed, it was never started.
    if (workflow["~arpeggio"].plan.kind === "call") continue
    test(form, { timeout: 60_000 }, async () => {
      const { plan } = workflow["~arpeggio"]
      const admitted = admissible(plan, null, reference).outcomes.map((outcome) =>
        toldText(outcomeRead(outcome))
      )
      const undisturbed = await removeAfter(form, Number.POSITIVE_INFINITY)
      expect(undisturbed.repaired).toBe(0)
      expect(undisturbed.left).toEqual([])
      let repaired = 0
      // From the third on: before, the start itself may be removed before anybody has it; later, where that is looked up first.
      const { kept = 3 } = undisturbed
      for (let at = Object.hasOwn(timePlays, form) ? kept : 3; at <= undisturbed.calls; at++) {
        const played = await removeAfter(form, at)
        const what = `removed after call ${at}`
        expect(admitted, what).toContain(played.outcome)
        // What is removed then is the clearing itself.
        if (played.afterItsEnd) break
        expect(played.left, what).toEqual([])
        repaired += played.repaired
      }
      // What comes too late ends before it has begun.
      if (form !== "a call that comes too late") expect(repaired).toBeGreaterThan(0)
    })
  }
})
