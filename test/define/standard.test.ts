/** Schemas of zod, valibot and arktype: what travels, what is refused, and in which words. */
import { type } from "arktype"
import * as Schema from "effect/Schema"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { chain, group, Outcome, recover, settle, task } from "arpeggio"
import { testApp } from "arpeggio/testing"

const Order = z.object({
  sku: z.string(),
  count: z.number().int().min(1),
  gift: z.string().optional()
})
const OutOfStock = z.object({ _tag: z.literal("OutOfStock"), sku: z.string() })

const reserve = task(
  "shop.reserve",
  { input: [Order], output: type({ id: "string", count: "number" }), errors: [OutOfStock] },
  ({ sku, count }) => {
    if (sku === "none") throw { _tag: "OutOfStock", sku } as unknown as Error
    return { id: `r-${sku}`, count }
  }
)
const ship = task(
  "shop.ship",
  { input: [v.object({ id: v.string() }), z.string()], output: Schema.Date },
  ({ id }, to) => new Date(id.length + to.length)
)
const file = task("shop.file", { input: [Schema.Date], output: z.void() }, () => undefined)
const said = task(
  "shop.said",
  { input: [Outcome.schema(type("string"), [OutOfStock])], output: z.string() },
  (outcome) => (outcome._tag === "Failed" ? outcome.error.sku : outcome._tag)
)
const named = task(
  "shop.named",
  { input: [OutOfStock], output: type({ id: "string", count: "number" }) },
  ({ sku }) => ({ id: sku, count: 0 })
)
const plain = task(
  "shop.plain",
  { input: [z.string()], output: z.string(), errors: [OutOfStock] },
  (sku) => {
    throw { _tag: "OutOfStock", sku } as unknown as Error
  }
)

const refusalOf = (contract: object): string => {
  try {
    task("x.y", { input: [], output: Schema.Void, ...contract } as never)
    return "declared"
  } catch (error) {
    return `${(error as { readonly _tag: string })._tag} ${(error as Error).message}`
  }
}

test("values of three libraries and of effect go through one chain", async () => {
  await using app = await testApp([reserve, ship, file])
  expect(await app.run(chain(reserve({ sku: "a", count: 2 }), ship("home")))).toEqual(new Date(7))
  expect(await app.run(chain(reserve({ sku: "a", count: 2 }), ship("home"), file()))).toBe(
    undefined
  )
  expect(await app.run(group({ a: reserve({ sku: "a", count: 2 }) }))).toEqual({
    a: { id: "r-a", count: 2 }
  })
})

test("an error that is a schema with a _tag is a declared one", async () => {
  await using app = await testApp([reserve, plain, said, named])
  const run = await app.start(reserve({ sku: "none", count: 1 }))
  expect(await run.outcome()).toMatchObject({
    _tag: "Failed",
    error: { _tag: "OutOfStock", sku: "none" }
  })
  expect(
    await app.run(recover(reserve({ sku: "none", count: 1 }), { OutOfStock: named() }))
  ).toEqual({
    id: "none",
    count: 0
  })
  expect(await app.run(chain(settle(plain("b")), said()))).toBe("b")
})

describe("a value that does not fit is refused where it is given", () => {
  const words = (call: () => unknown): string => {
    try {
      call()
      return "taken"
    } catch (error) {
      return `${(error as { readonly _tag: string })._tag} ${(error as Error).message}`
    }
  }

  test("in the words of its library, with its place", () => {
    expect(words(() => reserve({ sku: "a", count: 0 }))).toBe(
      "InvalidInput shop.reserve: input[0].count should be valid (Too small: expected number to be >=1), but is 0. Nothing was sent: correct the value where shop.reserve(…) is called."
    )
    expect(words(() => ship({ id: 1 as never }, "x"))).toContain(
      "input[0].id should be string, but is 1"
    )
    expect(words(() => reserve(null as never))).toContain("input[0] should be object, but is null")
    expect(words(() => reserve({ count: 1 } as never))).toContain(
      "input[0].sku should be string, but is missing. Nothing was sent"
    )
    expect(words(() => reserve({ sku: undefined, count: 1 } as never))).toContain(
      "input[0].sku should be string, but is undefined"
    )
  })

  test("all that is wrong, five places of it, and how many more", async () => {
    const Form = z.object({ a: z.string(), b: z.number(), c: z.array(z.string()) })
    const wrong = { a: 1, c: [1, 2, 3, 4] } as never
    const many =
      "input[0].b should be number, but is missing; input[0].c[0] should be string, but is 1; input[0].c[1] should be string, but is 2; input[0].c[2] should be string, but is 3; and 1 more. Nothing was sent: correct"
    for (const form of [
      Form,
      Schema.Struct({ a: Schema.String, b: Schema.Finite, c: Schema.Array(Schema.String) })
    ]) {
      const send = task("t.send", { input: [form as typeof Form], output: z.string() })
      const said = words(() => send(wrong))
      expect(said).toContain("t.send: input[0].a should be string, but is 1. Also ")
      expect(said.replace("present", "number")).toContain(many)
    }
    const give = task("t.give", { input: [], output: Form }, () => wrong)
    await using app = await testApp([give])
    await expect(app.run(give())).rejects.toThrow(
      "returned output.a = 1, but its contract's output expects string. Also output.b should be number, but is missing; "
    )
    const chosen = task("t.chosen", {
      input: [z.object({ a: z.union([z.string(), z.number()]), b: z.string().min(3).max(1) })],
      output: z.string()
    })
    expect(words(() => chosen({ a: true, b: "ab" } as never))).toMatch(
      / Also input\[0\]\.b [^;]*\. Nothing/
    )
  })

  test("as the input of a workflow, which is another place to correct it", async () => {
    await using app = await testApp([reserve, ship])
    await expect(
      app.start(chain(reserve(), ship("home")), { sku: "a", count: "2" } as never)
    ).rejects.toThrow(
      'shop.reserve: input.count should be number, but is "2". Nothing was sent: correct the input that the workflow is run with.'
    )
  })

  test("where it would be transformed at every reading", () => {
    const twice = task("t.twice", {
      input: [
        v.pipe(
          v.string(),
          v.transform((text) => `${text}!`)
        )
      ],
      output: z.string()
    })
    expect(words(() => twice("a"))).toContain(
      "input[0] should be a value that its schema leaves as it is when it is read again; this one is transformed each time"
    )
    expect(refusalOf({ input: [z.string().transform((text) => `${text}!`)] })).toContain(
      "Transforms cannot be represented in JSON Schema"
    )
    const once = task("t.once", { input: [z.string().trim()], output: z.string() })
    expect(once(" a ")["~arpeggio"].plan).toMatchObject({ args: ["a"] })
  })

  test("where JSON would lose some of it", () => {
    const day = task("t.day", { input: [v.object({ on: v.date() }) as never], output: z.string() })
    expect(words(() => day({ on: new Date(0) } as never))).toContain(
      "input[0] should be a value that is the same as JSON (on is "
    )
    const either = task("t.either", { input: [v.nullish(v.string())], output: z.string() })
    expect(words(() => either(undefined))).toContain("something else than undefined")
    expect(words(() => either(null))).toBe("taken")
    const inside = task("t.inside", {
      input: [v.object({ limits: v.array(v.nullable(v.number())), more: v.optional(v.any()) })],
      output: z.string()
    })
    expect(words(() => inside({ limits: [1, Infinity] }))).toContain(
      "input[0] should be a value that is the same as JSON (limits[1] is Infinity, and would arrive as null)"
    )
    expect(words(() => inside({ limits: [], more: new Map([[1, 2]]) }))).toContain("(more is ")
    expect(words(() => inside({ limits: [], more: { at: new Date(0) } }))).toContain("(more.at is ")
    expect(words(() => inside({ limits: [null], more: undefined }))).toBe("taken")
    const any = task("t.any", { input: [z.object({ it: z.any() })], output: z.string() })
    for (const [it, says] of [
      [1n, "(it is 1n, which JSON does not know)"],
      [{ of: [2n] }, "(it.of[0] is 2n, which JSON does not know)"],
      [() => 1, "(it is a function, which JSON does not know)"],
      [new Map([[1, 2]]), "(it is a Map of 1, and would arrive as {})"],
      [new Set([1]), "(it is a Set of 1, and would arrive as {})"],
      [
        undefined,
        "input[0] should be a value whose it is not undefined, which JSON leaves out and zod would miss when it arrives: give null or something else there, or make the field optional"
      ]
    ] as const) {
      expect(words(() => any({ it }))).toContain(says)
    }
    expect(words(() => any({} as never))).toContain("input[0].it should be present, but is missing")
    const holes = task("t.holes", { input: [z.array(z.number().nullish())], output: z.string() })
    expect(words(() => holes([undefined, 1]))).toContain(
      "([0] is undefined, and would arrive as null)"
    )
    const huge = task("t.huge", { input: [v.number()], output: z.string() })
    expect(words(() => huge(Infinity))).toContain("InvalidInput")
  })

  const asynchronous =
    "zod would check it asynchronously, for which nobody can wait here: check it in the handler"

  test.each([
    ["that is kept", z.string().refine(async () => true)],
    ["that is rejected", z.string().refine(() => Promise.reject(new Error("no database")))],
    ["deep inside", z.object({ a: z.array(z.string().refine(() => Promise.reject("no"))) })],
    ["in a choice", z.union([z.number(), z.string().refine(() => Promise.reject("no"))])],
    ["of a list of checks", z.string().superRefine(() => Promise.reject(new Error("no")))],
    ["of a check of its own", z.string().check(() => Promise.reject(new Error("no")))],
    ["of a transform", z.preprocess(async (text) => text, z.string())]
  ] as const)("where only a promise could tell, %s", async (_what, schema) => {
    const dropped: Array<unknown> = []
    const drop = (cause: unknown): void => void dropped.push(cause)
    process.on("unhandledRejection", drop)
    const later = task("t.later", { input: [schema as z.ZodType<string>], output: z.string() })
    const value = (schema instanceof z.ZodObject ? { a: ["a"] } : "a") as string
    expect(words(() => later(value))).toContain(asynchronous)
    await new Promise((resolve) => setImmediate(resolve))
    process.off("unhandledRejection", drop)
    expect(dropped).toEqual([])
  })

  test("where a check throws, or the value is changed before", () => {
    const thrown = z.string().refine(() => {
      throw new Error("no database")
    })
    const throws = task("t.throws", { input: [thrown], output: z.string() })
    expect(() => throws("a")).toThrow("no database")
    const upper = z.preprocess((text) => String(text).toUpperCase(), z.string())
    const before = task("t.before", { input: [upper as z.ZodType<string>], output: z.string() })
    expect(before("a")["~arpeggio"].plan).toMatchObject({ args: ["A"] })
  })
})

test("a handler that gives something else has crashed", async () => {
  const wrong = task("t.wrong", { input: [], output: Order }, () => ({ sku: "a", count: 0 }))
  await using app = await testApp([wrong])
  expect(await (await app.start(wrong())).outcome()).toMatchObject({
    _tag: "Crashed",
    name: "InvalidOutput",
    message: expect.stringContaining("Too small: expected number to be >=1")
  })
})

test("what a library cannot say as JSON is refused when it is declared", () => {
  for (const [schema, word] of [
    [z.date(), "Date"],
    [z.object({ at: z.date() }), "Date"],
    [z.bigint(), "BigInt"],
    [z.map(z.string(), z.string()), "Map"],
    [z.string().transform(Number), "Transforms"]
  ] as const) {
    expect(refusalOf({ input: [schema] })).toBe(
      `ContractError task x.y: input[0] cannot travel: zod finds no JSON for it (${word} cannot be represented in JSON Schema): use one whose values are JSON and stay as they are, for example a text for a date, or a schema of effect there, which has a JSON form for most types`
    )
  }
  expect(refusalOf({ input: [z.function()] })).toContain(
    "(Function types cannot be represented in JSON Schema): describe it as data, which the handler acts on"
  )
  expect(refusalOf({ errors: [class Gone extends Error {}] })).toContain(
    "errors[0] is not a schema: declare the error with Schema.TaggedError, or by a schema of zod or arktype with a literal _tag"
  )
  expect(refusalOf({ errors: { OutOfStock } })).toContain(
    "errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag"
  )
  expect(refusalOf({ errors: [v.object({ _tag: v.literal("Gone") })] })).toContain("errors[0]")
  expect(refusalOf({ errors: [z.object({ sku: z.string() })] })).toContain("errors[0] has no _tag")
  expect(refusalOf({ errors: [z.object({ _tag: z.string() })] })).toContain(
    'errors[0] has a _tag that can be any text, or be left out, and errors are told apart by it: give it a literal one, for example "CardDeclined", z.literal("CardDeclined")'
  )
  const inside = z.object({ of: z.object({ _tag: z.string() }) })
  for (const none of [inside, z.void()]) {
    expect(refusalOf({ errors: [none] })).toContain("errors[0] has no _tag")
  }
  expect(refusalOf({ errors: [Schema.Struct({ _tag: Schema.String })] })).toContain(
    "errors[0] has a _tag that can be any text"
  )
  expect(refusalOf({ errors: [v.object({ _tag: v.literal("Gone") })] })).toContain(
    "toStandardJsonSchema"
  )
  expect(refusalOf({ errors: [OutOfStock, OutOfStock] })).toContain("the same _tag as another")
  expect(refusalOf({ input: [{ "~standard": { version: 1 } }] })).toContain(
    "input[0] is not a schema"
  )
})

test("what a library says of its values is in the fingerprint", () => {
  const printOf = (schema: unknown): string =>
    task("x.y", { input: [schema] as never, output: Schema.Void })["~arpeggio"].fingerprint
  expect(printOf(z.object({ a: z.string(), b: z.number() }))).toBe(
    printOf(z.object({ b: z.number(), a: z.string() }))
  )
  expect(printOf(z.object({ a: z.string() }))).not.toBe(printOf(z.object({ a: z.number() })))
  expect(printOf(z.string())).not.toBe(printOf(z.string().min(2)))
})

describe("a schema inside one of another library", () => {
  const Card = Schema.Struct({ number: Schema.String })
  const says = (inner: string, outer: string, at: string): string =>
    `a schema of ${inner} stands inside one of ${outer}${at}, and neither library understands the other's. Describe the whole with one of them`

  test.each([
    ["a struct of effect", () => Schema.Struct({ order: Order as never }), "zod", ", at order"],
    [
      "deeper",
      () =>
        Schema.Struct({
          a: Schema.Array(Schema.Struct({ b: Schema.NullOr(v.string() as never) }))
        }),
      "valibot",
      ", at a.b"
    ],
    ["a list", () => Schema.Array(type("string") as never), "arktype", ""]
  ] as const)("%s", (_what, schema, vendor, at) => {
    const refusal = refusalOf({ input: [schema()] })
    expect(refusal).toContain("ContractError task x.y: input[0] cannot travel: ")
    expect(refusal).toContain(says(vendor, "effect", at))
    expect(refusal).not.toContain("copy of effect")
  })

  test.each([
    ["of zod", () => z.object({ payment: Card as never }), "zod", ", at payment"],
    [
      "deep in one of zod",
      () => z.object({ a: z.array(z.object({ b: z.optional(Card as never) })) }),
      "zod",
      ", at a.b"
    ],
    ["a list of zod", () => z.array(Card as never), "zod", ""],
    ["of valibot", () => v.object({ payment: Card as never }), "valibot", ", at payment"]
  ] as const)("one of effect in %s", (_what, schema, vendor, at) => {
    expect(refusalOf({ output: schema() })).toContain(says("effect", vendor, at))
  })

  test("what only looks like one is none", () => {
    const alike = { ast: z.object({ ast: z.string() }), fields: z.string(), metadata: z.string() }
    expect(refusalOf({ input: [z.object(alike)] })).toBe("declared")
    expect(refusalOf({ input: [v.object({ ast: v.object({ ast: v.string() }) })] })).toBe(
      "declared"
    )
    expect(refusalOf({ input: [Schema.Struct({ a: { no: "schema" } as never })] })).toContain(
      "a part of it is no schema of effect"
    )
  })
})
