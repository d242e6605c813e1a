/** What is passed on stands beside what is made of it, the same as it arrived, and nobody executes anything for it. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { z } from "zod"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { onSuccess } from "../../../src/compose/hook.ts"
import { map } from "../../../src/compose/map.ts"
import { pass } from "../../../src/compose/pass.ts"
import { recover } from "../../../src/compose/recover.ts"
import { settle } from "../../../src/compose/settle.ts"
import { InvalidInput } from "../../../src/define/errors.ts"
import { guest, user } from "../../fixtures/branches.ts"
import { forget, stepsOf } from "../../fixtures/ledger.ts"
import { add, Expected, fail, identity, Numbers, range, same, tsum } from "../../fixtures/tasks.ts"
import { hand, Person, rich, Rich } from "../../fixtures/values.ts"
import type { Canvas } from "../suite.ts"

const { Finite } = Schema

export const passCases = (canvas: Canvas): void => {
  test("an input beside what is made of it", async () => {
    const both = group({ before: pass(Finite), after: add(1) })
    const run = await canvas.app.start(chain(identity(1), both, same()))
    expect(await run.result()).toEqual({ before: 1, after: 2 })
    if (canvas.layer.executes) expect(stepsOf(run.id, "canvas.add")).toBe(1)
    forget(run.id)
    expect(await canvas.app.run(both, 4)).toEqual({ before: 4, after: 5 })
  })

  test("wherever a value can arrive", async () => {
    const { app } = canvas
    const passed = pass(Finite)
    expect(await app.run(passed, 1)).toBe(1)
    expect(await app.run(chain(passed, add(1), passed, passed), 1)).toBe(2)
    expect(await app.run(chain(range(3), map(passed)))).toEqual([0, 1, 2])
    expect(await app.run(map(group(passed, add(1)), { concurrency: 1 }), [1, 2])).toEqual([
      [1, 2],
      [2, 3]
    ])
    expect(await app.run(chain(group(passed, group(passed)), same()), 3)).toEqual([3, [3]])
    expect(await app.run(settle(passed), 1)).toEqual({ _tag: "Succeeded", value: 1 })
    expect(await app.run(recover(fail(1), { Expected: pass(Expected) }))).toBeInstanceOf(Expected)
    expect(await app.run(onSuccess(passed, same()), 7)).toBe(7)
    expect(await app.run(chain(group(identity(1), identity(2)), pass(Numbers), tsum()))).toBe(3)
  })

  test("values of any schema, as they were", async () => {
    const { app } = canvas
    const arrived = await app.run(chain(hand(rich), group(pass(Rich), hand(), pass(Rich))))
    expect(arrived).toStrictEqual([rich, rich, rich])
    expect(await app.run(pass(Person), rich.person)).toStrictEqual(rich.person)
    const zod = pass(z.object({ id: z.string(), more: z.array(z.number()) }))
    expect(await app.run(group(zod, zod), { id: "a", more: [1] })).toEqual([
      { id: "a", more: [1] },
      { id: "a", more: [1] }
    ])
  })

  test("all of its fields, beside members that know fewer", async () => {
    const few = pass(Schema.Struct({ a: Finite }))
    const all = pass(Schema.Struct({ a: Finite, b: Schema.String }))
    expect(await canvas.app.run(group({ few, all }), { a: 1, b: "b" })).toEqual({
      few: { a: 1 },
      all: { a: 1, b: "b" }
    })
  })

  test("what a fallback gave", async () => {
    const either = Schema.Struct({
      name: Schema.String,
      invitedBy: Schema.optionalKey(Schema.String)
    })
    const found = recover(user(-1), { NoSuchUser: guest() })
    expect(await canvas.app.run(chain(found, pass(either)))).toEqual({
      name: "guest",
      invitedBy: "u-1"
    })
  })

  test("a value too large to travel, once more and beside itself", async () => {
    const large = "x".repeat(1_500_000)
    const text = pass(Schema.String)
    const { app } = canvas
    expect(await app.run(text, large)).toBe(large)
    const twice = chain(text, group({ left: text, right: group(text) }), same())
    expect(await app.run(twice, large)).toEqual({ left: large, right: [large] })
  })

  test("beside a failure", async () => {
    const failing = chain(identity(2), group(pass(Finite), fail(), chain(pass(Finite), add(1))))
    await expect(canvas.app.run(failing)).rejects.toEqual(
      new Expected({ reason: "as it said", at: 2 })
    )
  })

  test("an input that its schema does not allow is refused where the run is started", async () => {
    const bad = canvas.app.run(pass(Finite), Number.NaN)
    await expect(bad).rejects.toThrow(InvalidInput)
    await expect(bad).rejects.toThrow(/^pass: input should be .+, but is NaN/)
  })
}
