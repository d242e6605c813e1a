/** Cleanups: steps behind something that may have failed, which then ends as it had. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { always, ifFailed } from "../../../src/compose/cleanup.ts"
import { group } from "../../../src/compose/group.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { pass } from "../../../src/compose/pass.ts"
import { recover, withInput } from "../../../src/compose/recover.ts"
import { settle } from "../../../src/compose/settle.ts"
import { Outcome } from "../../../src/define/outcome.ts"
import type { Workflow } from "../../../src/define/workflow.ts"
import { executionsOf } from "../../fixtures/ledger.ts"
import {
  add,
  alarmed,
  complain,
  crash,
  Expected,
  fail,
  failLater,
  failOther,
  identity,
  Other,
  positive,
  range,
  reasonOf,
  record,
  sleepy,
  takeOutcome
} from "../../fixtures/tasks.ts"
import { denied, hand, rich, RichText } from "../../fixtures/values.ts"
import type { Canvas } from "../suite.ts"

const tidy = ignoreInput(record("tidied up"))

/** A cleanup of anything. */
const any = (cleanup: unknown): Workflow<unknown, unknown> => cleanup as never

export const cleanupCases = (canvas: Canvas): void => {
  /** What a cleanup was given, which it fails with. */
  const given = async (workflow: Workflow<never, unknown, unknown>, input?: unknown) => {
    const words = recover(workflow, { Expected: reasonOf() } as never)
    const reason = await canvas.app.run(words as Workflow<unknown, string>, input)
    return JSON.parse(reason.replace(/ at 0$/, "")) as unknown
  }

  test("case 31: a cleanup, and then the result", async () => {
    const { app } = canvas
    expect(await app.run(chain(always(add(4, 2), tidy), add(1)))).toBe(7)
    expect(await app.run(ifFailed(add(4, 2), tidy))).toBe(6)
    expect(await app.run(ifFailed(add(4, 2), ignoreInput(fail(1))))).toBe(6)
    expect(await app.run(chain(range(3), map(always(positive(), takeOutcome()))))).toEqual([
      0, 1, 2
    ])
    expect(await app.run(always(hand(), tidy), rich)).toStrictEqual(rich)
    expect(await app.run(always(group(add(1), always(add(2), tidy)), tidy), 1)).toEqual([2, 3])
  })

  test("case 31: a cleanup, and then the error with the step it comes from", async () => {
    const { app } = canvas
    const failing = chain(identity(1), add(1), fail(), add(1))
    for (const form of [
      always(failing, tidy),
      ifFailed(failing, alarmed()),
      ifFailed(always(failing, takeOutcome()), alarmed()),
      chain(ifFailed(failing, tidy), add(1)),
      group(ifFailed(failing, tidy)),
      ifFailed(group(failing, identity(1)), tidy),
      ifFailed(chain(range(1), map(ignoreInput(failing))), tidy)
    ]) {
      const run = await app.start(form)
      const outcome = await run.outcome()
      expect(outcome).toMatchObject({
        _tag: "Failed",
        error: { reason: "as it said", at: 2 },
        failure: { task: "canvas.fail" }
      })
      if (outcome._tag === "Failed") expect(outcome.error).toBeInstanceOf(Expected)
      await expect(run.result()).rejects.toBeInstanceOf(Expected)
    }
    const replaced = await (await app.start(ifFailed(failLater(1), tidy))).outcome()
    expect(replaced).toMatchObject({ _tag: "Failed", failure: { task: "canvas.fail" } })
    if (replaced._tag === "Failed") expect(replaced.error).toBeInstanceOf(Expected)
    expect(await app.run(recover(ifFailed(fail(3), tidy), { Expected: reasonOf() }))).toBe(
      "as it said at 3"
    )
  })

  test("case 31: a crash goes on with its words", async () => {
    const crashed = {
      _tag: "Crashed",
      name: "RangeError",
      message: "nobody declared this: 2",
      failure: { task: "canvas.crash" }
    }
    const { app } = canvas
    expect(await app.run(settle(always(crash(2), tidy)))).toMatchObject(crashed)
    const inside = group(identity(), chain(add(1), crash()))
    expect(await app.run(settle(ifFailed(inside, tidy)), 1)).toMatchObject(crashed)
    await expect(app.run(ifFailed(crash(2), tidy))).rejects.toMatchObject({
      _tag: "TaskCrashed",
      task: "canvas.crash"
    })
  })

  test("case 31: what a cleanup is given", async () => {
    const { app } = canvas
    const complaint = any(complain())
    const failure = {
      task: "canvas.fail",
      error: { _tag: "Expected", reason: "as it said", at: 2 }
    }
    expect(await given(ifFailed(fail(), complaint), 2)).toMatchObject(failure)
    expect(await given(ifFailed(fail(), withInput(complaint)), 2)).toMatchObject({
      failure,
      input: 2
    })
    const succeeded = { _tag: "Succeeded", value: 3 }
    expect(await given(always(add(1), complaint), 2)).toEqual(succeeded)
    expect(await given(always(add(1), withInput(complaint)), 2)).toEqual({
      outcome: succeeded,
      input: 2
    })
    expect(
      await given(chain(add(1), always(group(crash()), withInput(complaint))), 2)
    ).toMatchObject({
      outcome: { _tag: "Crashed", failure: { task: "canvas.crash" } },
      input: 3
    })
    const Both = Schema.Struct({
      outcome: Outcome.schema(Schema.String, [Expected]),
      input: RichText
    })
    const input = { rich, text: "x".repeat(600_000) }
    const large = always(denied(), withInput(pass(Both)))
    await expect(app.run(chain(pass(RichText), large), input)).rejects.toMatchObject({
      reason: "denied",
      at: 600_000
    })
  })

  test("case 31: a cleanup that fails is the failure of the whole, unless it is settled", async () => {
    const { app } = canvas
    const broken = ignoreInput(failOther(5))
    await expect(app.run(always(add(1, 2), broken))).rejects.toBeInstanceOf(Other)
    await expect(app.run(ifFailed(fail(1), broken))).rejects.toBeInstanceOf(Other)
    await expect(app.run(ifFailed(crash(1), ignoreInput(crash(2))))).rejects.toThrow(/this: 2/)
    await expect(app.run(ifFailed(fail(1), settle(broken)))).rejects.toBeInstanceOf(Expected)
    expect(await app.run(always(add(1, 2), settle(broken)))).toBe(3)
    const twice = ifFailed(always(fail(1), broken), alarmed() as never)
    await expect(app.run(twice)).rejects.toMatchObject({ _tag: expect.anything() as string })
  })

  test("case 31: cleanups of any form", async () => {
    const { app } = canvas
    const forms = [
      group(ignoreInput(identity(1)), ignoreInput(add(1, 2))),
      ignoreInput(chain(range(3), map(add(1), { concurrency: 1 }))),
      ignoreInput(failLater(1)),
      ignoreInput(group([])),
      pass(Schema.Json)
    ].map((form) => settle(any(form)))
    for (const form of forms) {
      await expect(app.run(ifFailed(fail(1), form))).rejects.toBeInstanceOf(Expected)
      expect(await app.run(chain(always(add(1), form), add(1)), 1)).toBe(3)
    }
  })

  if (canvas.layer.executes) {
    test("case 31: what a cleanup is executed for", async () => {
      const executed = async (workflow: Workflow<void, unknown, unknown>) => {
        const run = await canvas.app.start(workflow)
        await run.outcome()
        return executionsOf(run.id).map(({ task }) => task.replace("canvas.", ""))
      }
      expect(await executed(always(add(1, 2), tidy))).toEqual(["add", "record"])
      expect(await executed(ifFailed(add(1, 2), tidy))).toEqual(["add"])
      expect(await executed(ifFailed(fail(1), tidy))).toEqual(["fail", "record"])
      const slow = sleepy(60, 1).with({ timeout: "20 millis" })
      expect(await executed(ifFailed(slow, tidy))).toEqual(["sleepy", "record"])
      // What is stopped because another member failed has no cleanup of its own.
      const stopped = group(always(sleepy(60, 1), tidy), fail(1))
      expect((await executed(stopped)).includes("record")).toBe(false)
      expect((await executed(ifFailed(stopped, tidy))).includes("record")).toBe(true)
    })

    test("case 31: a cancel goes past a cleanup", async () => {
      const run = await canvas.app.start(always(sleepy(60, 1), tidy))
      await expect.poll(() => executionsOf(run.id, "canvas.sleepy").length).toBe(1)
      expect(await run.cancel()).toBe("Cancelled")
      expect(executionsOf(run.id, "canvas.record")).toEqual([])
    })
  }
}
