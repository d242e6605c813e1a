import { describe, expect, it } from "vitest"

/** A process of its own that has met no -0 yet. */
const fresh = async (): Promise<typeof import("../../src/define/json-text.ts")> => {
  const { vi } = await import("vitest")
  vi.resetModules()
  return import("../../src/define/json-text.ts")
}

describe("JSON as text", () => {
  it("keeps each -0 that was met in a value", async () => {
    const { jsonText, noticeZero } = await fresh()
    noticeZero(-0)
    const value = { a: [-0, 0, 1.5, "-0"], "b\ud800": { c: -0, d: undefined }, e: null, f: true }
    const text = jsonText(value)
    expect(text).toBe('{"a":[-0,0,1.5,"-0"],"b\\ud800":{"c":-0},"e":null,"f":true}')
    expect(jsonText(-0)).toBe("-0")
    expect(jsonText({ a: [1, "x"] })).toBe('{"a":[1,"x"]}')
  })

  it.each(["[-0]", '{"a":-0}', "[1, -0 , 2]", '{"a":[{"b":-0.0}]}', "[-0e5]"])(
    "keeps one that was met in the text %s",
    async (text) => {
      const { jsonText, rereadJson } = await fresh()
      expect(JSON.parse(jsonText(rereadJson(text)))).toStrictEqual(JSON.parse(text))
    }
  )

  it("leaves out what a replacer says", async () => {
    const { jsonText, noticeZero } = await fresh()
    noticeZero(-0)
    const without = (key: string, value: unknown): unknown => (key === "x" ? undefined : value)
    for (const zero of [0, -0]) {
      const value = { x: 1, list: [{ x: 2, y: zero }] }
      expect(JSON.parse(jsonText(value, without))).toStrictEqual({ list: [{ y: zero }] })
    }
  })

  it("looks for none before", async () => {
    const { jsonText, rereadJson, noticeZero } = await fresh()
    noticeZero(0)
    rereadJson('["2026-01-01", "a-0", -0.5e1, 10]')
    expect(jsonText({ toJSON: () => "as JSON.stringify writes it" })).toContain("JSON.stringify")
  })
})
