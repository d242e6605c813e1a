/** Cases 9 to 12: groups. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { map } from "../../../src/compose/map.ts"
import { settle } from "../../../src/compose/settle.ts"
import { executionsOf } from "../../fixtures/ledger.ts"
import {
  add,
  addInSteps,
  both,
  crash,
  Expected,
  fail,
  failLater,
  identity,
  positive,
  record,
  same,
  sleepy,
  takeOutcome,
  text
} from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

export const groupCases = (canvas: Canvas): void => {
  test("case 9: results in the order and the shape of the members", async () => {
    const { app } = canvas
    expect(await app.run(group())).toEqual([])
    expect(await app.run(group(add(1, 1), add(2, 2)))).toEqual([2, 4])
    expect(await app.run(group({ a: add(1, 1), b: text("x") }))).toEqual({ a: 2, b: "x" })
    expect(await app.run(chain(identity(7), group({})))).toEqual({})
  })

  test("case 9: a thousand members in order", async () => {
    const numbers = Array.from({ length: 1_000 }, (_, at) => at)
    expect(await canvas.app.run(group(numbers.map((at) => identity(at))))).toEqual(numbers)
  })

  test("case 10: settled members", async () => {
    const outcomes = await canvas.app.run(group(settle(identity(1)), settle(fail(2))))
    expect(outcomes).toMatchObject([
      { _tag: "Succeeded", value: 1 },
      { _tag: "Failed", error: { _tag: "Expected", at: 2 }, failure: { task: "canvas.fail" } }
    ])
    const [, failed] = outcomes
    if (failed._tag === "Failed") expect(failed.error).toBeInstanceOf(Expected)
  })

  test("case 10: a settled group, and one that crashes", async () => {
    const { app } = canvas
    const failed = await app.run(settle(group(identity(1), fail(2))))
    expect(failed).toMatchObject({ _tag: "Failed", error: { _tag: "Expected", at: 2 } })
    expect(await app.run(settle(group(identity(1), crash(2))))).toMatchObject({
      _tag: "Crashed",
      name: "RangeError",
      message: "nobody declared this: 2",
      failure: { task: "canvas.crash" }
    })
    expect(await app.run(settle(settle(fail(1))))).toMatchObject({
      _tag: "Succeeded",
      value: { _tag: "Failed" }
    })
  })

  test("case 10: an outcome has the fields of its type, and no others", async () => {
    const outcomes = await canvas.app.run(
      group(settle(identity(1)), settle(fail(2)), settle(crash(3)), settle(group(crash(4))))
    )
    const crashed = ["_tag", "failure", "message", "name"]
    expect(outcomes.map((outcome) => Object.keys(outcome).toSorted())).toEqual([
      ["_tag", "value"],
      ["_tag", "error", "failure"],
      crashed,
      crashed
    ])
    for (const outcome of outcomes) expect(JSON.stringify(outcome)).not.toContain("stack")
  })

  test("case 10: a task takes an outcome", async () => {
    const ended = (x: number) => chain(settle(x === 2 ? fail(x) : identity(x)), takeOutcome())
    expect(await canvas.app.run(group(ended(1), ended(2)))).toEqual(["value 1", "Expected at 2"])
    expect(await canvas.app.run(chain(settle(crash(1)), takeOutcome()))).toBe("Crashed")
  })

  test("a group that waits for all fails as its first member that failed, once all have ended", async () => {
    const { app, layer } = canvas
    const slow = chain(sleepy(0.2, 1), record())
    const run = await app.start(group({ a: slow, b: fail(2), c: crash(3) }, { wait: "all" }))
    const outcome = await run.outcome()
    expect(outcome).toMatchObject({
      _tag: "Failed",
      error: { _tag: "Expected", at: 2 },
      failure: { task: "canvas.fail" }
    })
    if (layer.executes) {
      expect(outcome).toMatchObject({ failure: { run: run.id, attempt: 1 } })
      expect(executionsOf(run.id, "canvas.record")).toHaveLength(1)
    }
    const ordered = group([chain(identity(1), crash()), fail(2)], { wait: "all" })
    expect(await app.run(settle(ordered))).toMatchObject({
      _tag: "Crashed",
      failure: { task: "canvas.crash" }
    })
    expect(await app.run(group({ a: add(1, 1), b: text("x") }, { wait: "all" }))).toEqual({
      a: 2,
      b: "x"
    })
    expect(await app.run(group([], { wait: "all" }))).toEqual([])
  })

  test("a map that waits for all works through every item", async () => {
    const { app, layer } = canvas
    const each = map(chain(identity(), positive()), { concurrency: 1, wait: "all" })
    const run = await app.start(each, [-1, 1, -2])
    expect(await run.outcome()).toMatchObject({
      _tag: "Failed",
      error: { at: -1 },
      failure: { task: "canvas.positive" }
    })
    if (layer.executes) expect(executionsOf(run.id, "canvas.identity")).toHaveLength(3)
    expect(await app.run(each, [1, 2])).toEqual([1, 2])
  })

  test("what a returned workflow fails with is its task's, of a group that waits, too", async () => {
    const waits = group([failLater(1), sleepy(0.1, 1)], { wait: "all" })
    const outcome = await (await canvas.app.start(waits)).outcome()
    expect(outcome).toMatchObject({ _tag: "Failed", error: { _tag: "Expected" } })
    if (outcome._tag === "Failed") expect(outcome.error).toBeInstanceOf(Expected)
  })

  test("case 11: nested groups stay nested", async () => {
    const workflow = chain(identity(1), group(identity(), group(identity(), identity())))
    expect(await canvas.app.run(workflow)).toEqual([1, [1, 1]])
    expect(await canvas.app.run(chain(group(group(identity(1)), group()), same()))).toEqual([
      [1],
      []
    ])
  })

  test("case 12: a replaced member keeps its place", async () => {
    const { app } = canvas
    expect(await app.run(group(addInSteps(1, 1), add(2, 2), add(3, 3)))).toEqual([2, 4, 6])
    expect(await app.run(group(add(1, 1), addInSteps(2, 2), add(3, 3)))).toEqual([2, 4, 6])
    expect(await app.run(group(add(1, 1), add(2, 2), addInSteps(3, 3)))).toEqual([2, 4, 6])
    const inside = chain(identity(1), group(add(1), both(), chain(addInSteps(1), add(1))))
    expect(await app.run(inside)).toEqual([2, [1, 2], 3])
  })
}
