import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Misfit } from "../../src/define/schema-mismatch.ts"
import { bounds, frozenJson, OutOfBounds, parseJson } from "../../src/define/json.ts"
import { holed } from "../fixtures/holed.ts"

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)

describe("JSON from elsewhere", () => {
  it("loses every __proto__ key, escaped or not", () => {
    for (const text of ['{"a":{"__proto__":{"b":1}},"c":2}', '{"a":{"\\u005f_proto__":1},"c":2}']) {
      const json = parseJson(text) as { readonly a: object }
      expect(json).toEqual({ a: {}, c: 2 })
      expect(Object.keys(json.a)).toEqual([])
    }
  })

  it("is refused beyond the depth, also when strings hide the brackets", () => {
    expect(parseJson(nested(bounds.depth))).toEqual(JSON.parse(nested(bounds.depth)))
    expect(() => parseJson(nested(bounds.depth + 1))).toThrow(OutOfBounds)
    const hidden = '["]",'.repeat(bounds.depth + 1) + "0" + "]".repeat(bounds.depth + 1)
    expect(() => parseJson(hidden)).toThrow(OutOfBounds)
    expect(parseJson(JSON.stringify("[".repeat(1000)))).toBe("[".repeat(1000))
  })

  it("is refused at the same depth whatever quotes and backslashes the strings hold", () => {
    const piece = fc.constantFrom('"', "\\", "[", "]", "{", "a", ",", '\\"')
    const texts = fc.array(fc.array(piece, { maxLength: 12 }), { maxLength: 6 })
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 2 }), (strings, brackets) => {
        const inside = strings.map((pieces) => `${JSON.stringify(pieces.join(""))},`).join("")
        const levels = bounds.depth - 1 + brackets
        const text = `[${inside}`.repeat(levels) + "0" + "]".repeat(levels)
        if (levels > bounds.depth) expect(() => parseJson(text)).toThrow(OutOfBounds)
        else expect(parseJson(text)).toEqual(JSON.parse(text))
      })
    )
  })

  it("is refused beyond the number of values", () => {
    expect(() => parseJson(`[${"0,".repeat(bounds.nodes)}0]`)).toThrow(OutOfBounds)
  })
})

it("copies without sharing and freezes to the bottom", () => {
  const source = { list: [{ a: 1 }], gone: undefined }
  const copy = frozenJson(source) as { readonly list: ReadonlyArray<object> }
  expect(copy).toStrictEqual({ list: [{ a: 1 }] })
  expect(copy.list).not.toBe(source.list)
  expect(Object.isFrozen(copy.list[0])).toBe(true)
})

describe("what JSON would change", () => {
  const proto = (json: string): unknown => JSON.parse(json)
  const cases: ReadonlyArray<readonly [string, unknown, string]> = [
    [
      "a key called __proto__",
      proto('{"a":[{"__proto__":1}]}'),
      ".a[0] should be an object without"
    ],
    ["one that holds an object", proto('{"__proto__":{"x":1}}'), "__proto__, which a Map can hold"],
    ["a hole", { a: holed({ 0: 1, 2: 3 }) }, ".a[1] should be a value, because JSON has no holes"],
    ["a hole at the end", [holed({ 0: 1, length: 2 })], "[0][1] should be a value"],
    ["an item that is undefined", [undefined], "[0] should be a value"],
    ["NaN", { "a b": Number.NaN }, '["a b"] should be a finite number, but is NaN'],
    ["an infinity", [-Infinity], "[0] should be a finite number, but is -Infinity"],
    ["a Date", { at: new Date(0) }, ".at should be plain JSON"],
    ["a Map", [new Map()], "[0] should be plain JSON"]
  ]
  it.each(cases)("is refused: %s", (_, value, sentence) => {
    expect(() => frozenJson(value)).toThrow(Misfit)
    expect(() => frozenJson(value)).toThrow(sentence)
  })

  it("is not a -0, half a character, or an object without a prototype", () => {
    const value = { a: -0, "\ud800": ["\udfff"], b: Object.assign(Object.create(null), { c: 1 }) }
    expect(frozenJson(value)).toStrictEqual({ a: -0, "\ud800": ["\udfff"], b: { c: 1 } })
  })
})
