/** An argument that arrives and is not the first. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { map } from "../../../src/compose/map.ts"
import { pass } from "../../../src/compose/pass.ts"
import { recover } from "../../../src/compose/recover.ts"
import { open } from "../../../src/define/open.ts"
import { InvalidInput } from "../../../src/define/errors.ts"
import { decodeWorkflow, encodeWorkflow } from "../../../src/encode/workflow.ts"
import { add, addInSteps, fail, identity, power, range, told3 } from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

const large = "x".repeat(600_000)

export const openCases = (canvas: Canvas): void => {
  test("case 32: what arrives stands where it was left open", async () => {
    const { app } = canvas
    expect(await app.run(power.partial(2, open), 10)).toBe(1024)
    expect(await app.run(power(2), 10)).toBe(100)
    expect(await app.run(chain(add(1, 2), power.partial(2, open), power.partial(3, open)))).toBe(
      6561
    )
    expect(await app.run(chain(range(4), map(power.partial(2, open))))).toEqual([1, 2, 4, 8])
    expect(await app.run(chain(identity(3), group(power(2), power.partial(2, open))))).toEqual([
      9, 8
    ])
    expect(await app.run(chain(addInSteps.partial(1, open), power.partial(2, open)), 2)).toBe(8)
    const told = { Expected: told3.partial(["a"], open, -0) }
    expect(await app.run(recover(fail(1), told as never))).toEqual([
      ["a"],
      { _tag: "Expected", reason: "as it said", at: 1 },
      -0
    ])
  })

  test("case 32: of any size, and as it was", async () => {
    const { app } = canvas
    const middle = told3.partial([-0, "\ud800"], open, { b: 1, a: -0 })
    const others = [[-0, "\ud800"], { b: 1, a: -0 }] as const
    expect(await app.run(middle, large)).toEqual([others[0], large, others[1]])
    expect(await app.run(chain(pass(Schema.Json), middle), large)).toEqual([
      others[0],
      large,
      others[1]
    ])
    const last = told3.partial(large, -0, open)
    expect(await app.run(chain(middle, last), -0)).toEqual([large, -0, [others[0], -0, others[1]]])
    expect(await app.run(chain(pass(Schema.Json), last), large)).toEqual([large, -0, large])
    const text = encodeWorkflow(chain(middle, last))
    expect(await app.run(decodeWorkflow<null, unknown>(text, [told3]), null)).toEqual([
      large,
      -0,
      [others[0], null, others[1]]
    ])
  })

  test("case 32: what arrives and the call's own arguments are both too large to travel", async () => {
    const { app } = canvas
    const larger = "y".repeat(1_500_000)
    const first = told3(larger, 1)
    const last = told3.partial(larger, 1, open)
    expect(await app.run(chain(pass(Schema.Json), first), larger)).toEqual([larger, larger, 1])
    expect(await app.run(chain(pass(Schema.Json), last), larger)).toEqual([larger, 1, larger])
    expect(await app.run(chain(pass(Schema.Json), group(first, told3("a", 1))), larger)).toEqual([
      [larger, larger, 1],
      [larger, "a", 1]
    ])
  })

  test("case 32: an input is read by the argument that it stands for", async () => {
    const run = canvas.app.run(power.partial(2, open), "ten" as never)
    await expect(run).rejects.toBeInstanceOf(InvalidInput)
  })
}
