/** Case 25: what comes out is what went in, after every hop. */
import * as Option from "effect/Option"
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { chord } from "../../../src/compose/chord.ts"
import { group } from "../../../src/compose/group.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { settle } from "../../../src/compose/settle.ts"
import { InvalidInput } from "../../../src/define/errors.ts"
import { holed } from "../../fixtures/holed.ts"
import {
  changing,
  dayAfter,
  doubled,
  guest,
  guests,
  hand,
  initial,
  json,
  millis,
  number,
  pair,
  perhaps,
  Person,
  type Refused,
  replacing,
  rich,
  shout,
  signs,
  words,
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

  test("case 25: -0 stays -0, wherever it goes", async () => {
    const { app } = canvas
    expect(await app.run(number(-0))).toBe(-0)
    expect(await app.run(number(), -0)).toBe(-0)
    expect(await app.run(pair(-0, -0))).toStrictEqual([-0, -0])
    expect(await app.run(chain(number(-0), number(), pair(-0)))).toStrictEqual([-0, -0])
    expect(await app.run(chain(number(1), pair(-0)))).toStrictEqual([1, -0])
    expect(await app.run(group({ a: number(-0), b: pair(0, -0) }))).toStrictEqual({
      a: -0,
      b: [0, -0]
    })
    expect(await app.run(map(number()), [-0, 0])).toStrictEqual([-0, 0])
    expect(await app.run(map(pair(-0)), [1, -0, 2])).toStrictEqual([
      [1, -0],
      [-0, -0],
      [2, -0]
    ])
    expect(await app.run(map(number(), { concurrency: 1 }), [-0, -0])).toStrictEqual([-0, -0])
    expect(await app.run(chord([number(-0), number(0)], signs()))).toBe("-+")
    expect(await app.run(chain(replacing(-0), signs()))).toBe("-+")
    const settled = await app.run(settle(number(-0)))
    expect(settled).toStrictEqual({ _tag: "Succeeded", value: -0 })
    expect(await app.run(json({ a: [-0, { b: -0 }] }))).toStrictEqual({ a: [-0, { b: -0 }] })
    expect(await app.run(number(-1)).catch((error: Refused) => error.by)).toBe(-0)
  })

  test("case 25: half a character is no other, in values and in keys", async () => {
    const odd = { "\ud800": ["\udfff", "\ud83d\ude00"], "\ufffd": "\u0000" }
    expect(await canvas.app.run(chain(json(odd), group(json())))).toStrictEqual([odd])
    expect(await canvas.app.run(map(json()), ["\ud800", odd])).toStrictEqual(["\ud800", odd])
  })

  test("case 25: a union keeps all that any of its members knows", async () => {
    const { app } = canvas
    const ada = { name: "Ada", invitedBy: "Bob", came: new Date(5), number: 2n ** 70n }
    const eve = { name: "Eve", invitedBy: "Ada" }
    expect(await app.run(guest(ada))).toStrictEqual(ada)
    expect(await app.run(chain(guest(), guest()), ada)).toStrictEqual(ada)
    expect(await app.run(map(guest()), [ada, eve])).toStrictEqual([ada, eve])
    expect(await app.run(group({ a: guest(), b: ignoreInput(guest(eve)) }), ada)).toStrictEqual({
      a: ada,
      b: eve
    })
    const all = new Map([
      ["a", Option.some(ada)],
      ["b", Option.none()],
      ["c", Option.some(eve)]
    ])
    expect(await app.run(guests(all))).toStrictEqual([ada, eve])
    expect(await app.run(guests(), all)).toStrictEqual([ada, eve])
  })

  test("case 25: a Map carries any key", async () => {
    const counts = new Map(["the", "__proto__", "constructor"].map((word) => [word, 1] as const))
    expect(await canvas.app.run(words(counts))).toEqual(["the", "__proto__", "constructor"])
  })

  test("case 25: what would arrive as something else is refused before it is sent", async () => {
    const { app } = canvas
    const proto = JSON.parse('{"x":{"__proto__":{"polluted":true}}}')
    expect(() => json(proto)).toThrow(/values\.json: input\[0\]\.x should be .*__proto__/)
    expect(() => json(holed({ 0: 1, 2: 2 }))).toThrow(InvalidInput)
    await expect(app.run(json(), proto)).rejects.toThrow(/__proto__.*Nothing was sent/)
    await expect(app.run(group(json(), json()), { a: proto })).rejects.toThrow(InvalidInput)
    await expect(app.run(map(json()), [1, proto])).rejects.toThrow(/input\[1\]\.x/)
    await expect(app.run(map(number()), holed({ 0: 1, 2: 3 }))).rejects.toThrow(
      /input\[1\].*number/
    )
    await expect(app.run(map(map(number())), [[1], holed({ 1: 3 })])).rejects.toThrow(InvalidInput)
    await expect(app.run(map(perhaps()), holed({ 0: 1, 2: 3 }))).rejects.toThrow(
      "map: input[1] should be an item, but is a hole in the list"
    )
    expect(await app.run(map(perhaps()), [1, undefined])).toStrictEqual([1, undefined])
  })

  test("case 25: a handler that gives such a value has crashed", async () => {
    for (const how of ["key", "hole"] as const) {
      const outcome = await canvas.app.run(settle(changing(how)))
      expect(outcome).toMatchObject({ _tag: "Crashed" })
    }
  })
}
