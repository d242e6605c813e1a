/** What is `undefined` or left out, where effect and other libraries hand values on to each other; and checks that throw. */
import { type } from "arktype"
import * as Schema from "effect/Schema"
import * as v from "valibot"
import { expect, test } from "vitest"
import { z } from "zod"
import { always, chain, group, ifFailed, task, withInput } from "arpeggio"
import { testApp } from "arpeggio/testing"

const Note = Schema.Struct({ id: Schema.String, note: Schema.optional(Schema.String) })
const given = task("nothing.given", { input: [], output: Note }, () => ({
  id: "a",
  note: undefined
}))

test.each([
  ["zod", z.object({ id: z.string(), note: z.string().optional() }), { id: "a", note: undefined }],
  ["zod, exact", z.object({ id: z.string(), note: z.string().exactOptional() }), { id: "a" }],
  ["valibot", v.object({ id: v.string(), note: v.optional(v.string()) }), { id: "a" }],
  ["arktype", type({ id: "string", "note?": "string" }), { id: "a" }]
] as const)(
  "an optional field that effect hands on as undefined, to %s",
  async (_, schema, wanted) => {
    const seen: Array<unknown> = []
    const taken = task("nothing.taken", { input: [schema as never], output: z.void() }, (it) => {
      seen.push(it)
    })
    await using app = await testApp([given, taken])
    await app.run(chain(given(), taken() as never))
    expect(seen).toEqual([wanted])
  }
)

test("a null that is meant stays one, beside one that stands for nothing", async () => {
  const Both = z.object({
    id: z.string().nullable(),
    more: z.array(z.object({ note: z.string().optional(), tag: z.null() }))
  })
  const More = Schema.Struct({ note: Schema.optional(Schema.String), tag: Schema.Null })
  const mixed = task(
    "nothing.mixed",
    {
      input: [],
      output: Schema.Struct({ id: Schema.NullOr(Schema.String), more: Schema.Array(More) })
    },
    () => ({
      id: null,
      more: [
        { note: "x", tag: null },
        { note: undefined, tag: null }
      ]
    })
  )
  const seen: Array<unknown> = []
  const taken = task("nothing.taken", { input: [Both], output: z.void() }, (it) => {
    seen.push(it)
  })
  await using app = await testApp([mixed, taken])
  await app.run(chain(mixed(), taken() as never))
  expect(seen).toStrictEqual([
    {
      id: null,
      more: [
        { note: "x", tag: null },
        { note: undefined, tag: null }
      ]
    }
  ])
})

test("a null that no nothing helps is refused as what it is", async () => {
  const strict = task("nothing.strict", { input: [z.object({ id: z.string() })], output: z.void() })
  const nulls = task(
    "nothing.nulls",
    { input: [], output: Schema.Struct({ id: Schema.NullOr(Schema.String) }) },
    () => ({ id: null })
  )
  const served = task(
    "nothing.strict",
    { input: [z.object({ id: z.string() })], output: z.void() },
    () => {}
  )
  await using app = await testApp([nulls, served])
  await expect(app.run(chain(nulls(), strict() as never))).rejects.toThrow(
    "nothing.strict was sent input[0].id = null, but its contract expects string"
  )
})

test("a cleanup of zod is given an input that is nothing", async () => {
  const seen: Array<unknown> = []
  const maybe = task(
    "nothing.maybe",
    { input: [z.string().optional()], output: z.string().optional() },
    (text) => {
      if (text === "x") throw new Error("no x")
      return text
    }
  )
  const clean = task(
    "nothing.clean",
    { input: [z.object({ input: z.string().optional() })], output: z.void() },
    (it) => void seen.push(it)
  )
  const both = always(maybe(), withInput(clean()))
  await using app = await testApp([maybe, clean])
  expect(await app.run(both, undefined)).toBe(undefined)
  expect(await app.run(both, "y")).toBe("y")
  await app.run(chain(maybe(undefined), both))
  await expect(app.run(ifFailed(maybe(), withInput(clean())), "x")).rejects.toThrow("no x")
  expect(await app.run(group([both]), undefined)).toEqual([undefined])
  const none = { input: undefined }
  expect(seen).toEqual([none, { input: "y" }, none, { input: "x" }, none])
})

test.each([
  ["zod", z.string().refine(() => thrown(new Error("boom"))), "Error: boom"],
  ["zod, deep", z.object({ a: z.string().refine(() => thrown(new Error("boom"))) }), "Error: boom"],
  [
    "valibot",
    v.pipe(
      v.string(),
      v.check(() => thrown(new RangeError("boom")))
    ),
    "RangeError: boom"
  ],
  [
    "effect",
    Schema.String.check(Schema.makeFilter(() => thrown(new RangeError("boom")))),
    "RangeError: boom"
  ]
] as const)("a check of %s that throws is told as what it threw", (name, schema, said) => {
  const checked = task("nothing.checked", { input: [schema as never], output: z.void() })
  expect(() => checked((name === "zod, deep" ? { a: "x" } : "x") as never)).toThrow(
    `nothing.checked: input[0] should be a value its schema can process, but is one on which it fails: ${said}.`
  )
})

const thrown = (error: Error): boolean => {
  throw error
}
