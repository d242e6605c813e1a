/** Callbacks of large values, of many items, of keyed runs and of runs done again: each once, and nothing is left of them. */
import { describe, expect, onTestFinished, test } from "vitest"
import { chain, chainOf } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../src/compose/hook.ts"
import { map } from "../../src/compose/map.ts"
import { recover } from "../../src/compose/recover.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { callbacksOf } from "../fixtures/ledger.ts"
import { alarmed, canvasTasks, fail, identity, range, same, told } from "../fixtures/tasks.ts"
import { natsLayer } from "../canvas/layer.ts"
import { minute, scene } from "../dead/memory.ts"
import { late } from "../dead/tasks.ts"

const large = "x".repeat(400_000)
const items = 120

/** How often each task was executed in callbacks, and with what. */
const heardOf = (run: string): ReadonlyArray<string> =>
  callbacksOf(run)
    .map(({ task, input }) => `${task} ${JSON.stringify(input[0]).slice(0, 12)}`)
    .toSorted()

const cases: { readonly [form: string]: readonly [AnyWorkflow, ReadonlyArray<string>] } = {
  "a large value": [onSuccess(same(large), told()), ['canvas.told "xxxxxxxxxxx']],
  "a large value in the middle": [
    chainOf([onSuccess(same(large), told()), onSuccess(group(same(), same()), told()), told()]),
    ['canvas.told "xxxxxxxxxxx', 'canvas.told ["xxxxxxxxxx']
  ],
  "a large value, by a callback that is a group": [
    onSuccess(same(large), group(told(), told())),
    ['canvas.told "xxxxxxxxxxx', 'canvas.told "xxxxxxxxxxx']
  ],
  "a small value, by a large callback": [
    onSuccess(identity(1), told(large)),
    ['canvas.told "xxxxxxxxxxx']
  ],
  "a small value, by a large callback of several": [
    onSuccess(identity(1), chain(same(large), told())),
    ['canvas.same "xxxxxxxxxxx']
  ],
  "many items and their map": [
    onSuccess(chain(range(items), map(onSuccess(identity(), told()))), told()),
    [
      ...Array.from({ length: items }, (_, at) => `canvas.told ${at}`),
      "canvas.told [0,1,2,3,4,5"
    ].toSorted()
  ]
}

for (const [form, [workflow, heard]] of Object.entries(cases)) {
  test(`of ${form}`, async () => {
    const { app, work, pass, left } = await scene()
    await work(canvasTasks)
    const run = await app.start(workflow as Workflow<void, unknown>)
    await pass(minute)
    expect(await run.status()).toBe("Succeeded")
    expect(heardOf(run.id)).toEqual(heard)
    await pass(10 * minute)
    expect(left()).toEqual([])
  })
}

test("on a real server, of every form", { timeout: 40_000 }, async () => {
  const { app, close } = await natsLayer.open(canvasTasks)
  onTestFinished(close)
  const runs = await Promise.all(
    Object.values(cases).map(async ([workflow, heard]) => {
      const run = await app.start(workflow as Workflow<void, unknown>)
      expect((await run.outcome())._tag).toBe("Succeeded")
      return { run, heard }
    })
  )
  for (const { run, heard } of runs) {
    await expect.poll(() => heardOf(run.id), { timeout: 10_000 }).toEqual(heard)
  }
})

test("of a run with a key that is started twice", async () => {
  const { server, app, work, pass } = await scene()
  const workflow = onSuccess(identity(1), told()).with({ key: "hooked", deadline: "1 hour" })
  const [first, second] = await Promise.all([app.start(workflow), app.start(workflow)])
  expect(second.id).toBe(first.id)
  await work(canvasTasks)
  await pass(minute)
  expect(heardOf(first.id)).toEqual(["canvas.told 1"])
  await pass(75 * minute)
  expect(server.records()).toEqual([])
})

describe("of a run that is done again", () => {
  test("what has been told is not told again, and the whole is", async () => {
    const { app, work, pass, left } = await scene()
    const ignorant = await work(canvasTasks)
    const workflow = onFailure(
      onSuccess(
        chainOf([
          onSuccess(identity(1), told()),
          recover(onFailure(fail(2), alarmed()), { Expected: onSuccess(same(), told()) as never }),
          onSuccess(group(same(3), same(4)), told()),
          onFailure(onSuccess(late(), told()), alarmed()),
          same()
        ]),
        told() as never
      ),
      alarmed() as never
    )
    const run = await app.start(workflow as Workflow<void, unknown>)
    await pass(10 * minute)
    expect(await run.status()).toBe("Crashed")
    const before = heardOf(run.id)
    expect(before.filter((each) => each.includes("told"))).toHaveLength(3)
    expect(before.filter((each) => each.includes("alarmed"))).toHaveLength(3)
    const { letters } = await app.deadLetters.list()
    await ignorant.drain()
    await work([...canvasTasks, late])
    const again = await app.deadLetters.redrive(letters[0]!.id)
    await pass(minute)
    expect(await app.attach(again.id, workflow).status()).toBe("Succeeded")
    expect(heardOf(again.id)).toEqual(["canvas.told [3,4]", "canvas.told [3,4]"])
    expect(heardOf(run.id)).toEqual(before)
    await pass(10 * minute)
    expect(left()).toEqual([])
  })
})
