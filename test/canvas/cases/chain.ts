/** Cases 1 to 8: chains. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { executionsOf, stepsOf } from "../../fixtures/ledger.ts"
import { add, Expected, fail, identity, record, same, text, tsum } from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

export const chainCases = (canvas: Canvas): void => {
  test("case 1: a chain hands each result to the next step", async () => {
    const { app } = canvas
    expect(await app.run(chain(add(4, 4), add(8), add(16)))).toBe(32)
    expect(await app.run(chain(add(3, 4)))).toBe(7)
    expect(await app.run(chain(chain(identity(42))))).toBe(42)
    const hundred = Array.from({ length: 100 }, () => add(1))
    expect(await app.run(chain(...hundred), 0)).toBe(100)
  })

  test("case 2: a declared failure ends the chain", async () => {
    const { app, layer } = canvas
    const run = await app.start(chain(add(1, 2), fail(), record()))
    const error: unknown = await run.result().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Expected)
    expect(error).toMatchObject({ _tag: "Expected", reason: "as it said", at: 3 })
    const outcome = await run.outcome()
    expect(outcome).toMatchObject({ _tag: "Failed", failure: { task: "canvas.fail" } })
    if (!layer.executes || outcome._tag !== "Failed") return
    expect(outcome.failure).toMatchObject({
      run: run.id,
      step: executionsOf(run.id, "canvas.fail")[0]?.step
    })
    expect(executionsOf(run.id, "canvas.record")).toEqual([])
  })

  test("case 3: a group with a chain in it, in a chain", async () => {
    const workflow = chain(add(5, 6), group(chain(add(1), add(2)), add(3)))
    expect(await canvas.app.run(workflow)).toEqual([14, 14])
  })

  test("case 4: groups in a chain wait for all of their members", async () => {
    const workflow = chain(
      group(record("a"), record("b"), record("c")),
      record(),
      group(record(), record())
    )
    const run = await canvas.app.start(workflow)
    expect(await run.result()).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"]
    ])
    if (!canvas.layer.executes) return
    const order = executionsOf(run.id).map(({ input }) => input[0])
    expect(new Set(order.slice(0, 3))).toEqual(new Set(["a", "b", "c"]))
    expect(order.slice(3)).toEqual(Array.from({ length: 3 }, () => ["a", "b", "c"]))
  })

  test("case 5: every step knows its run and the step before", async () => {
    const nine = Array.from({ length: 9 }, () => add(1))
    const run = await canvas.app.start(chain(add(0, 1), chain(...nine)))
    expect(await run.result()).toBe(10)
    if (!canvas.layer.executes) return
    const steps = executionsOf(run.id)
    expect(steps).toHaveLength(10)
    expect(new Set(steps.map(({ step }) => step)).size).toBe(10)
    expect(steps.map(({ parent }) => parent)).toEqual([
      null,
      ...steps.slice(0, -1).map(({ step }) => step)
    ])
  })

  test("case 6: groups behind groups", async () => {
    const workflow = chain(add(1, 0), group(add(1), add(1)), group(tsum(), tsum()), tsum())
    expect(await canvas.app.run(workflow)).toBe(8)
  })

  test("case 7: a group of one gives a list of one", async () => {
    const { app } = canvas
    expect(await app.run(chain(group(identity(42)), same()))).toEqual([42])
    expect(await app.run(chain(identity(42), group(identity()), same()))).toEqual([42])
  })

  test("case 8: nine steps of chords and groups, each executed once", async () => {
    const workflow = chain(
      add(1, 1),
      group(chain(group(add(1), add(2)), tsum()), add(3)),
      group(tsum(), chain(tsum(), identity())),
      tsum()
    )
    const run = await canvas.app.start(workflow)
    expect(await run.result()).toBe(24)
    if (!canvas.layer.executes) return
    expect(executionsOf(run.id)).toHaveLength(9)
    expect(stepsOf(run.id, "canvas.tsum")).toBe(4)
  })

  test("text goes through a chain as it is", async () => {
    const odd = '\u0000 \ud83d\udc4d " \\ \n __proto__'
    expect(await canvas.app.run(chain(text(odd), text()))).toBe(odd)
  })
}
