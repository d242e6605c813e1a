/** Case 25: what comes out is what went in, after every hop. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { map } from "../../../src/compose/map.ts"
import { settle } from "../../../src/compose/settle.ts"
import {
  dayAfter,
  doubled,
  hand,
  initial,
  millis,
  Person,
  rich,
  shout,
  written
} from "../../fixtures/values.ts"
import type { Canvas } from "../suite.ts"

export const valueCases = (canvas: Canvas): void => {
  test("case 25: rich values survive every kind of hop", async () => {
    const { app } = canvas
    expect(await app.run(hand(rich))).toStrictEqual(rich)
    expect(await app.run(chain(hand(), hand()), rich)).toStrictEqual(rich)
    const beside = chain(hand(rich), group({ same: hand(), letter: initial() }))
    expect(await app.run(beside)).toStrictEqual({ same: rich, letter: "A" })
    expect(await app.run(map(chain(hand(), hand())), [rich, rich])).toStrictEqual([rich, rich])
    const settled = await app.run(settle(group(hand(rich))))
    expect(settled).toStrictEqual({ _tag: "Succeeded", value: [rich] })
    const [one] = settled._tag === "Succeeded" ? settled.value : []
    expect(one?.person).toBeInstanceOf(Person)
  })

  test("case 25: two schemas of one type meet in a chain", async () => {
    const { app } = canvas
    expect(await app.run(chain(written("21"), doubled()))).toBe(42)
    expect(await app.run(chain(dayAfter(new Date(0)), millis()))).toBe(86_400_000)
    const together = chain(dayAfter(new Date(0)), group(dayAfter(), millis()))
    expect(await app.run(together)).toEqual([new Date(172_800_000), 86_400_000])
  })

  test("case 25: a task that gives nothing gives undefined", async () => {
    expect(await canvas.app.run(shout(1))).toBeUndefined()
    expect(await canvas.app.run(group(shout(1), doubled(1)))).toEqual([undefined, 2])
  })
}
