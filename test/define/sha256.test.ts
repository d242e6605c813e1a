/** The digest that contracts are named by is the one that everybody knows. */
import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { sha256 } from "../../src/define/sha256.ts"

const known = (text: string): string => createHash("sha256").update(text).digest("hex")
const ours = (text: string): string => Buffer.from(sha256(text)).toString("hex")

test("texts of every length around the ends of blocks", () => {
  for (let length = 0; length < 200; length += 1) {
    const text = "x".repeat(length)
    expect(ours(text)).toBe(known(text))
  }
})

test("any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(ours(text)).toBe(known(text))
    })
  )
})
