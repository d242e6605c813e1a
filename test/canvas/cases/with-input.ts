/** Case 24 with the input: a fallback is given the error together with what the workflow that failed was given. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { pass } from "../../../src/compose/pass.ts"
import { recover, withInput } from "../../../src/compose/recover.ts"
import {
  add,
  amends,
  crash,
  Expected,
  fail,
  identity,
  positive,
  range,
  sleepy
} from "../../fixtures/tasks.ts"
import { denied, rich, RichText } from "../../fixtures/values.ts"
import { Outcome } from "../../../src/define/outcome.ts"
import { task } from "../../../src/define/task.ts"
import type { Canvas } from "../suite.ts"

const safe = recover(fail(), { Expected: withInput(amends()) })

export const withInputCases = (canvas: Canvas): void => {
  test("case 24: a fallback for a crash, of a task and of a group", async () => {
    const { app } = canvas
    const crashed = {
      _tag: "Crashed",
      name: "RangeError",
      message: "nobody declared this: 2",
      failure: { task: "canvas.crash" }
    }
    const caught = { Crashed: pass(Outcome.crashed) }
    expect(await app.run(recover(crash(2), caught))).toMatchObject(crashed)
    const group2 = group(identity(), chain(add(1), crash()))
    expect(await app.run(recover(group2, caught), 1)).toMatchObject(crashed)
    const Both = Schema.Struct({ error: Outcome.crashed, input: Schema.Finite })
    const both = recover(group2, { Crashed: withInput(pass(Both)) })
    expect(await app.run(both, 1)).toMatchObject({ error: crashed, input: 1 })
    expect(await app.run(recover(crash(2), { Crashed: ignoreInput(identity(0)) }))).toBe(0)
    const other = recover(fail(1), { Crashed: ignoreInput(identity(0)) })
    await expect(app.run(other)).rejects.toBeInstanceOf(Expected)
    const past = recover(crash(1), { TimedOut: ignoreInput(identity(0)) })
    await expect(app.run(past)).rejects.toMatchObject({ _tag: "TaskCrashed" })
    const either = { Expected: ignoreInput(identity(1)), Crashed: ignoreInput(identity(2)) }
    expect(
      await app.run(group(recover(fail(5), either), recover(chain(fail(5), crash()), either)))
    ).toEqual([1, 1])
  })

  if (canvas.layer.executes) {
    test("case 24: a fallback for a timeout", async () => {
      const slow = sleepy(60, 1).with({ timeout: "20 millis" })
      const safe = recover(slow, { TimedOut: pass(Outcome.timedOut) })
      expect(await canvas.app.run(safe)).toMatchObject({
        _tag: "TimedOut",
        after: 20,
        failure: { task: "canvas.sleepy" }
      })
    })
  }

  test("case 24: a declared error that has the name of an ending is refused", () => {
    class Crashed extends Schema.TaggedError<Crashed>()("Crashed", {}) {}
    const own = task("own", { input: [Schema.Finite], output: Schema.Finite, errors: [Crashed] })
    expect(() => recover(own(1), { Crashed: pass(Crashed) } as never)).toThrow(
      "recover's fallback for Crashed: own declares an error called so"
    )
  })

  test("case 24: there is no fallback for a cancel", () => {
    const fallbacks = { Cancelled: identity(1) }
    expect(() => recover(add(1, 2), fallbacks as never)).toThrow(
      "recover: what is cancelled has ended with its group or its run"
    )
    class Cancelled extends Schema.TaggedError<Cancelled>()("Cancelled", {}) {}
    const own = task("own", { input: [Schema.Finite], output: Schema.Finite, errors: [Cancelled] })
    expect(recover(own(1), fallbacks)).toBeDefined()
  })

  test("case 24: a fallback with the input of what failed", async () => {
    const { app } = canvas
    expect(await app.run(safe, 2)).toBe(22)
    expect(await app.run(chain(identity(2), safe, add(1)))).toBe(23)
    const later = recover(chain(add(1), add(1), fail()), { Expected: withInput(amends()) })
    expect(await app.run(later, 1)).toBe(13)
    expect(await app.run(chain(range(3), map(safe)))).toEqual([0, 11, 22])
    expect(await app.run(group(safe, later, chain(add(1), safe)), 1)).toEqual([11, 13, 22])
  })

  test("case 24: what does not fail gives what it gave", async () => {
    const careful = recover(positive(), { Expected: withInput(amends()) })
    expect(await canvas.app.run(map(careful), [1, -1, 2])).toEqual([1, -11, 2])
    const crashing = recover(chain(crash(), fail()), { Expected: withInput(amends()) })
    await expect(canvas.app.run(crashing, 1)).rejects.toMatchObject({ _tag: "TaskCrashed" })
  })

  test("case 24: a fallback that recovers, and fallbacks in fallbacks", async () => {
    const { app } = canvas
    const Both = Schema.Struct({ error: Expected, input: Schema.Finite })
    const twice = recover(chain(safe, fail()), { Expected: withInput(amends()) })
    expect(await app.run(twice, 1)).toBe(21)
    const inner = recover(fail(), { Expected: withInput(group(pass(Both), amends())) })
    const both = { error: new Expected({ reason: "as it said", at: 3 }), input: 3 }
    expect(await app.run(inner, 3)).toEqual([both, 33])
  })

  test("case 24: an input of any schema, and of any size", async () => {
    const { app } = canvas
    const input = { rich, text: "x".repeat(600_000) }
    const Both = Schema.Struct({ error: Expected, input: RichText })
    const both = recover(denied(), { Expected: withInput(pass(Both)) })
    const error = new Expected({ reason: "denied", at: 600_000 })
    expect(await app.run(both, input)).toStrictEqual({ error, input })
    expect(await app.run(chain(pass(RichText), both), input)).toStrictEqual({
      error,
      input
    })
  })
}
