/** What a rejected error shows of the program that asked. */
import { inspect } from "node:util"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { callerOf, pointAt } from "../../src/result/call-site.ts"

class Missing extends Schema.TaggedError<Missing>()("Missing", { id: Schema.String }) {}

const ask = (): Error => pointAt(new Missing({ id: "u1" }), callerOf(ask))

test("printing an error shows the caller's line and the error's fields", () => {
  const shown = inspect(ask())
  expect(shown).toMatch(/^Missing\n {4}at .*caller\.test\.ts/)
  expect(shown).toMatch(/\{ _tag: 'Missing', id: 'u1' \}$/)
})

test("what makes errors print well does not count as a field", () => {
  expect(ask()).toEqual(new Missing({ id: "u1" }))
  expect(Object.keys(ask())).toEqual(Object.keys(new Missing({ id: "u1" })))
})
