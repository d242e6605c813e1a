import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bounds, frozenJson, OutOfBounds, parseJson } from "../../src/define/json.ts"

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
