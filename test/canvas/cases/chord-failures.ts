/** Cases 17 to 19: chords that fail, promptly, with the error of the member and without their body. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { chord } from "../../../src/compose/chord.ts"
import { group } from "../../../src/compose/group.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import type { Json } from "../../../src/define/plan.ts"
import type { Workflow } from "../../../src/define/workflow.ts"
import { TaskCrashed } from "../../../src/result/errors.ts"
import { executionsOf } from "../../fixtures/ledger.ts"
import {
  add,
  crash,
  Expected,
  fail,
  failLater,
  identity,
  record,
  same,
  sleepy,
  tsum
} from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

type FromNothing = Workflow<void, Json, Expected>
type FromNumbers = Workflow<ReadonlyArray<number>, Json, Expected>

const failing: { readonly [form: string]: FromNothing } = {
  "a task": fail(7),
  "a chain": chain(fail(7), add(1)),
  "the tail of a chain": chain(add(3, 4), fail()),
  "a group": group(identity(1), fail(7)),
  "a chord in a chain": chain(identity(1), chord([fail(), identity()], tsum())),
  "a replaced task": failLater(7)
}

const failingBodies: { readonly [form: string]: FromNumbers } = {
  "a task": chain(tsum(), fail()),
  "a chain": chain(tsum(), fail(), add(1)),
  "the tail of a chain": chain(tsum(), add(3), fail()),
  "a group": group(tsum(), chain(tsum(), fail()))
}

const bodies: { readonly [form: string]: FromNumbers } = {
  "a task": same(),
  "a chain": chain(tsum(), add(1)),
  "a group": group(tsum(), same()),
  "a chord": chord([tsum(), tsum()], tsum())
}

export const chordFailureCases = (canvas: Canvas): void => {
  /** Runs it, with a step behind it that must not be executed; it must fail, and not by hanging. */
  const rejects = async (workflow: FromNothing, executions?: number): Promise<void> => {
    const run = await canvas.app.start(chain(workflow, record()))
    const began = performance.now()
    const outcome = await run.outcome()
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(outcome).toMatchObject({ _tag: "Failed", error: { _tag: "Expected" } })
    if (outcome._tag === "Failed") expect(outcome.error).toBeInstanceOf(Expected)
    if (!canvas.layer.executes) return
    expect(executionsOf(run.id, "canvas.record")).toEqual([])
    if (executions !== undefined) expect(executionsOf(run.id)).toHaveLength(executions)
  }

  for (const [form, member] of Object.entries(failing)) {
    test(`case 17: a header member that fails, as ${form}`, async () => {
      await rejects(chord([identity(1), member], record()))
      await rejects(chord([member, identity(1)], record()))
      await rejects(chord(group(member), record()))
    })
  }

  for (const [form, body] of Object.entries(failingBodies)) {
    test(`case 17: a body that fails, as ${form}`, async () => {
      await rejects(chord([identity(1), add(1, 1)], body))
    })
  }

  test("case 17: a crash fails a chord as a crash", async () => {
    const run = await canvas.app.start(chord([identity(1), crash(2)], record()))
    await expect(run.result()).rejects.toBeInstanceOf(TaskCrashed)
    if (canvas.layer.executes) expect(executionsOf(run.id, "canvas.record")).toEqual([])
  })

  test("case 18: a failure before a group ends the run", async () => {
    await rejects(chain(add(1, 1), fail(), group(identity(), identity())), 2)
    await rejects(chain(fail(1), group([])), 1)
  })

  test("case 18: a member that fails inside a nested chain never hangs", async () => {
    const deep = chain(identity(1), chain(group(identity(), chain(add(1), fail(), add(1))), tsum()))
    await rejects(deep)
    await rejects(chord([deep, group(deep, identity(1))], record()))
  })

  test("case 18: nobody waits for a member that runs, and it is told to stop", async () => {
    const slow = sleepy(60, 1)
    await rejects(group(slow, chain(identity(1), fail())))
    await rejects(group(group(slow, slow), group(slow, chain(identity(1), fail()))))
  })

  for (const [form, body] of Object.entries(bodies)) {
    test(`case 19: a failing header before ${form}`, async () => {
      await rejects(chord([identity(1), fail(2)], body))
      await rejects(chain(identity(1), chord([identity(), fail()], body)))
      await rejects(
        chord([identity(1), chord([identity(1), fail(2)], chain(body, same()))], same())
      )
      await rejects(chain(fail(1), ignoreInput(chord([identity(1), fail(2)], body))))
    })
  }
}
