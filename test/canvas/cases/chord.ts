/** Cases 13 to 16 and 20: chords that succeed. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { chord } from "../../../src/compose/chord.ts"
import { group } from "../../../src/compose/group.ts"
import { executionsOf } from "../../fixtures/ledger.ts"
import { add, echo, identity, range, same, tsum } from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

export const chordCases = (canvas: Canvas): void => {
  test("case 13: the body takes all results, in order", async () => {
    const { app } = canvas
    const numbers = Array.from({ length: 10 }, (_, at) => at)
    expect(
      await app.run(
        chord(
          numbers.map((at) => identity(at)),
          echo()
        )
      )
    ).toEqual(numbers)
    expect(await app.run(chord([identity(5)], echo()))).toEqual([5])
    expect(await app.run(chord({ a: identity(5) }, same()))).toEqual({ a: 5 })
  })

  test("case 13: an empty header runs the body with nothing", async () => {
    const run = await canvas.app.start(chord([], echo()))
    expect(await run.result()).toEqual([])
    if (canvas.layer.executes) expect(executionsOf(run.id, "canvas.echo")).toHaveLength(1)
  })

  test("case 13: a thousand members", async () => {
    const header = Array.from({ length: 1_000 }, (_, at) => identity(at))
    const run = await canvas.app.start(chord(header, tsum()))
    expect(await run.result()).toBe(499_500)
    if (!canvas.layer.executes) return
    expect(executionsOf(run.id)).toHaveLength(1_001)
    expect(executionsOf(run.id, "canvas.tsum")).toHaveLength(1)
  })

  test("case 14: nested chords, four deep, values in place", async () => {
    const { app } = canvas
    const two = chord([chord([add(1, 2), add(3, 4)], echo()), identity(5)], same())
    expect(await app.run(two)).toEqual([[3, 7], 5])
    const three = chord([two, identity(6)], same())
    expect(await app.run(chord([identity(0), three], same()))).toEqual([0, [[[3, 7], 5], 6]])
  })

  test("case 15: a header takes the chord's input", async () => {
    const { app } = canvas
    expect(await app.run(chord([identity(), identity()], same()), 1)).toEqual([1, 1])
    expect(await app.run(chain(identity(), identity()), 1)).toBe(1)
    expect(await app.run(chain(add(0, 1), chord([identity(), add(1)], echo())))).toEqual([1, 2])
  })

  test("case 16: a group as the body", async () => {
    const workflow = chord(group(identity(42)), group(chain(same(), same())))
    expect(await canvas.app.run(workflow)).toEqual([[42]])
  })

  test("case 20: chords beside, behind and inside each other", async () => {
    const { app } = canvas
    const three = chord([add(1, 1), identity(1)], tsum())
    expect(await app.run(group(three, chord([three, three], tsum())))).toEqual([3, 6])
    const row = chain(three, group(add(1), add(2)), chord([tsum(), tsum()], tsum()))
    expect(await app.run(row)).toBe(18)
    const inner = chord([chord([identity(), identity()], tsum()), identity()], tsum())
    expect(await app.run(chain(identity(1), chord([inner, add(1)], tsum()), add(1)))).toBe(6)
    expect(await app.run(chord(chord([identity(2), identity(1)], tsum()), range()))).toEqual([
      0, 1, 2
    ])
  })
}
