/** Cases 22 to 24: lists known at run time, tasks that are replaced, errors that are recovered. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { recover } from "../../../src/compose/recover.ts"
import { executionsOf } from "../../fixtures/ledger.ts"
import {
  add,
  addInSteps,
  addLater,
  both,
  countdown,
  crash,
  Expected,
  fail,
  failLater,
  failOther,
  identity,
  positive,
  range,
  reasonOf,
  record,
  text,
  tsum
} from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

export const dynamicCases = (canvas: Canvas): void => {
  test("case 22: a map runs its body for each item", async () => {
    const { app } = canvas
    expect(await app.run(map(add(1)), [1, 2, 3])).toEqual([2, 3, 4])
    expect(await app.run(map(add(1)), [])).toEqual([])
    expect(await app.run(chain(range(4), map(chain(add(1), range())), map(tsum())))).toEqual([
      0, 1, 3, 6
    ])
    const nested = map(map(group(add(1), both())))
    expect(await app.run(nested, [[1], [], [2, 3]])).toEqual([
      [[2, [1, 2]]],
      [],
      [
        [3, [2, 3]],
        [4, [3, 4]]
      ]
    ])
  })

  test("case 22: a map with lanes gives the same", async () => {
    const numbers = Array.from({ length: 20 }, (_, at) => at)
    const more = numbers.map((x) => x + 2)
    for (const concurrency of [1, 3, 20, 100]) {
      const workflow = map(chain(addInSteps(1), add(1)), { concurrency })
      expect(await canvas.app.run(workflow, numbers)).toEqual(more)
    }
  })

  test("case 22: an item that fails fails the map, and begins no further items", async () => {
    const items = [1, 2, -3, 4, 5, 6, 7, 8]
    const workflow = chain(map(chain(identity(), positive()), { concurrency: 1 }), record())
    const run = await canvas.app.start(workflow, items)
    expect(await run.outcome()).toMatchObject({ _tag: "Failed", error: { at: -3 } })
    if (!canvas.layer.executes) return
    expect(executionsOf(run.id, "canvas.positive")).toHaveLength(3)
    expect(executionsOf(run.id, "canvas.record")).toEqual([])
  })

  test("case 23: a handler returns a workflow, which takes its place", async () => {
    const { app } = canvas
    expect(await app.run(addLater(1, 2))).toBe(3)
    expect(await app.run(addInSteps(1, 2))).toBe(3)
    expect(await app.run(countdown(5, 8))).toBe(8)
    expect(await app.run(chain(identity(1), both(), tsum(), add(1)))).toBe(4)
    expect(await app.run(chain(identity(1), countdown(5), add(1)))).toBe(6)
    expect(await app.run(group(countdown(3, 7), chain(identity(2), addLater(1))))).toEqual([7, 3])
  })

  test("case 23: a returned workflow fails in the place of its task", async () => {
    const run = await canvas.app.start(chain(identity(1), failLater(), record()))
    await expect(run.result()).rejects.toBeInstanceOf(Expected)
    if (canvas.layer.executes) expect(executionsOf(run.id, "canvas.record")).toEqual([])
    const rescued = recover(failLater(1), { Expected: reasonOf() })
    expect(await canvas.app.run(rescued)).toBe("as it said at 1")
  })

  test("case 24: a declared error is recovered by its tag", async () => {
    const { app } = canvas
    const zero = recover(fail(1), { Expected: ignoreInput(identity(0)) })
    expect(await app.run(zero)).toBe(0)
    expect(await app.run(chain(zero, add(1)))).toBe(1)
    expect(await app.run(chain(identity(3), recover(positive(), { Expected: reasonOf() })))).toBe(3)
  })

  test("case 24: a fallback takes the error with its fields", async () => {
    const { app } = canvas
    expect(await app.run(recover(fail(9), { Expected: reasonOf() }))).toBe("as it said at 9")
    const whole = recover(group(identity(1), chain(identity(9), fail())), { Expected: reasonOf() })
    expect(await app.run(chain(whole, record()))).toBe("as it said at 9")
    const steps = recover(fail(9), { Expected: chain(reasonOf(), text()) })
    expect(await app.run(group(steps, identity(1)))).toEqual(["as it said at 9", 1])
  })

  test("case 24: what a fallback gives is not read as a smaller record of the main branch", async () => {
    const { app } = canvas
    const both = ignoreInput(group({ a: identity(1), b: identity(2) }))
    const one = chain(positive(-1), group({ a: identity() }))
    expect(await app.run(recover(one, { Expected: both }))).toEqual({ a: 1, b: 2 })
    const none = chain(positive(-1), group({}))
    expect(await app.run(recover(none, { Expected: both }))).toEqual({ a: 1, b: 2 })
  })

  test("case 24: other errors and crashes go past a recover", async () => {
    const { app } = canvas
    const other = recover(recover(failOther(1), { Other: fail(2) }), { Expected: reasonOf() })
    expect(await app.run(other)).toBe("as it said at 2")
    const past = recover(group(failOther(1)), { Other: failOther(2) })
    await expect(app.run(past)).rejects.toMatchObject({ _tag: "Other", code: 2 })
    const crashed = recover(chain(positive(1), crash()), { Expected: reasonOf() })
    await expect(app.run(crashed)).rejects.toMatchObject({ _tag: "TaskCrashed" })
  })
}
