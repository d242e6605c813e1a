/** A choice between workflows runs as whichever it is: what compiles for all of a choice holds for each. */
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { chain, group, ignoreInput, map, onSuccess, recover, settle, task } from "arpeggio"
import { testApp, type TestApp } from "arpeggio/testing"

class Full extends Schema.TaggedError<Full>()("Full", {}) {}
class Empty extends Schema.TaggedError<Empty>()("Empty", { size: Schema.Finite }) {}
const { Finite } = Schema
const binary = { input: [Finite, Finite], output: Finite } as const
const add = task("add", binary, (x, y) => x + y)
const mul = task("mul", binary, (x, y) => x * y)
const none = task("none", { input: [], output: Finite }, () => 0)
const empty = task("empty", { input: [Finite], output: Finite, errors: [Empty] }, (size) => {
  throw new Empty({ size })
})
const full = task("full", { input: [Finite], output: Finite, errors: [Full] }, () => {
  throw new Full()
})
const sizeOf = task("size", { input: [Empty], output: Finite }, ({ size }) => size)

let app: TestApp
beforeAll(async () => {
  app = await testApp([add, mul, none, empty, full, sizeOf])
})
afterAll(() => app.close())

describe.each([true, false])("%s", (first) => {
  const step = first ? add(1) : mul(5)

  it("is a step, an inner chain's first, a member, a body and what is settled", async () => {
    expect(await app.run(chain(add(1, 2), step))).toBe(first ? 4 : 15)
    expect(await app.run(chain(add(1, 2), chain(step, mul(2))))).toBe(first ? 8 : 30)
    expect(await app.run(group(step, step), 3)).toEqual(first ? [4, 4] : [15, 15])
    expect(await app.run(map(step), [1, 2])).toEqual(first ? [2, 3] : [5, 10])
    expect(await app.run(settle(step), 3)).toMatchObject({ value: first ? 4 : 15 })
    expect(await app.run(step, 3)).toBe(first ? 4 : 15)
    expect(await (await app.start(step, 3)).result()).toBe(first ? 4 : 15)
  })

  it("needs nothing where no workflow of it does", async () => {
    const full = first ? none() : add(1, 2)
    expect(await app.run(full)).toBe(first ? 0 : 3)
    expect(await app.run(chain(add(4, 4), ignoreInput(full)))).toBe(first ? 0 : 3)
  })

  it("has fallbacks for the errors of each", async () => {
    const either = first ? empty(7) : full(7)
    expect(await app.run(recover(either, { Empty: sizeOf(), Full: none() }))).toBe(first ? 7 : 0)
  })

  it("takes what arrives or needs nothing, as a fallback or a callback", async () => {
    expect(await app.run(recover(empty(7), { Empty: first ? sizeOf() : none() }))).toBe(
      first ? 7 : 0
    )
    expect(await app.run(onSuccess(add(1, 2), first ? mul(2) : none()))).toBe(3)
  })
})
