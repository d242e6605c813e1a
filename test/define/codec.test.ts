import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { codecOf, type SchemaCodec } from "../../src/define/codec.ts"
import { fingerprintOf } from "../../src/define/fingerprint.ts"
import { Misfit } from "../../src/define/schema-mismatch.ts"
import { holed } from "../fixtures/holed.ts"
import { Expected, User } from "./tasks.ts"

const codec = (schema: Schema.Constraint): SchemaCodec => {
  const made = codecOf(schema)
  if (typeof made === "string") throw new Error(made)
  return made
}

const misfit = (work: () => unknown): Misfit => {
  try {
    work()
  } catch (cause) {
    if (cause instanceof Misfit) return cause
    throw cause
  }
  throw new Error("nothing was refused")
}

interface Tree {
  readonly at: Date
  readonly children: ReadonlyArray<Tree>
}
const Tree: Schema.Codec<Tree, unknown> = Schema.Struct({
  at: Schema.Date,
  children: Schema.Array(Schema.suspend((): Schema.Codec<Tree, unknown> => Tree))
}) as never

class Measured extends Schema.Class<Measured>("Measured")({ size: Schema.FiniteFromString }) {}

const { Finite, String: Text, Struct, Union } = Schema

class Gone extends Schema.TaggedError<Gone>()("Gone", { a: Schema.String }) {}
class Gone2 extends Schema.TaggedError<Gone2>()("Gone", { a: Schema.String, b: Schema.String }) {}

describe("what survives the way there and back", () => {
  const cases: ReadonlyArray<readonly [string, Schema.Constraint, unknown]> = [
    ["a Date", Schema.Date, new Date(5)],
    ["a bigint", Schema.BigInt, 12345678901234567890n],
    ["an Option", Schema.Option(Schema.Date), Option.some(new Date(1))],
    ["no Option", Schema.Option(Schema.Date), Option.none()],
    ["a class instance", User, new User({ name: "Ada", born: new Date(1) })],
    ["a class with a transformed field", Measured, new Measured({ size: 3 })],
    ["an error", Expected, new Expected({ x: 1 })],
    ["a branded id", Text.pipe(Schema.brand("Id")), "id-1"],
    ["undefined in an optional field", Struct({ a: Schema.optional(Finite) }), { a: undefined }],
    ["an absent field", Struct({ a: Schema.optional(Finite) }), {}],
    [
      "null in an optional key",
      Struct({ a: Schema.optionalKey(Schema.NullOr(Text)) }),
      { a: null }
    ],
    ["NaN", Schema.Number, Number.NaN],
    ["Infinity", Schema.Number, -Infinity],
    ["a Map", Schema.ReadonlyMap(Text, Schema.Date), new Map([["a", new Date(1)]])],
    ["a Set", Schema.ReadonlySet(Schema.BigInt), new Set([1n, 2n])],
    ["bytes", Schema.Uint8Array, new Uint8Array([1, 2, 255])],
    ["nothing", Schema.Void, undefined],
    ["a union with undefined", Schema.UndefinedOr(Finite), undefined],
    ["JSON", Schema.Json, { a: [1, null, "x"] }],
    ["JSON or null", Schema.NullOr(Schema.Json), null],
    ["a tree", Tree, { at: new Date(1), children: [{ at: new Date(2), children: [] }] }],
    ["text that looks like a number", Union([Text, Finite]), "NaN"],
    ["a literal beside a Date", Union([Schema.Date, Schema.Literal("never")]), "never"],
    [
      "tagged structs whose fields share a JSON form",
      Union([
        Struct({ kind: Schema.Literal("date"), at: Schema.Date }),
        Struct({ kind: Schema.Literal("text"), at: Text })
      ]),
      { kind: "text", at: "2020-01-01T00:00:00.000Z" }
    ]
  ]
  it.each(cases)("%s", (_, schema, value) => {
    const { encode, decode } = codec(schema)
    const back = decode(JSON.parse(JSON.stringify(encode(value))))
    expect(back).toStrictEqual(value)
    expect(encode(back)).toStrictEqual(encode(value))
  })

  it("is the type, so that two schemas of one type have the same JSON", () => {
    const pairs = [
      [Schema.FiniteFromString, Finite, 3],
      [Schema.Date, Schema.DateFromMillis, new Date(7)],
      [Schema.Option(Finite), Schema.OptionFromNullOr(Finite), Option.some(1)]
    ] as const
    for (const [left, right, value] of pairs) {
      expect(codec(left).encode(value)).toEqual(codec(right).encode(value))
    }
  })
})

describe("what is refused when it is declared", () => {
  const cases: ReadonlyArray<readonly [string, Schema.Constraint, RegExp]> = [
    ["any", Schema.Any, /Schema\.Any.*use Schema\.Json/],
    ["unknown, deep inside", Struct({ a: Schema.Array(Schema.Unknown) }), /Schema\.Unknown/],
    ["object", Schema.ObjectKeyword, /Schema\.ObjectKeyword/],
    ["a class without a codec", Schema.instanceOf(URLSearchParams), /no JSON form/],
    ["a function", Schema.declare((u): u is () => void => typeof u === "function"), /no JSON form/],
    ["symbol keys", Struct({ [Symbol.for("x")]: Finite }), /no JSON form/],
    ["null beside undefined", Schema.NullishOr(Finite), /null and undefined, which share/],
    ["a nullable optional", Struct({ a: Schema.optional(Schema.NullOr(Text)) }), /optionalKey/],
    ["text beside a Date", Union([Text, Schema.Date]), /share a JSON form/],
    ["two errors of one tag", Union([Gone, Gone2]), /give one of them another _tag than "Gone"/],
    ["text beside a bigint", Union([Text, Schema.BigInt]), /share a JSON form/],
    ["text beside NaN", Union([Text, Schema.Number]), /use Schema\.Finite/],
    ["a Set beside an array", Union([Schema.Array(Finite), Schema.ReadonlySet(Finite)]), /share/],
    [
      "a field called __proto__",
      Struct({ ["__proto__"]: Text, a: Text }),
      /field called __proto__/
    ],
    [
      "one of an error",
      Schema.TaggedStruct("Odd", { in: Struct({ ["__proto__"]: Text }) }),
      /field called __proto__/
    ],
    ["two classes alike", Union([User, Measured]), /share a JSON form/]
  ]
  it.each(cases)("%s", (_, schema, reason) => {
    expect(codecOf(schema)).toMatch(reason)
  })
})

describe("a value that does not fit", () => {
  const { encode, decode } = codec(
    Struct({ user: Struct({ age: Finite, tags: Schema.Array(Text.check(Schema.isMinLength(2))) }) })
  )

  it("is named by its place, in both directions", () => {
    for (const way of [encode, decode]) {
      const age = misfit(() => way({ user: { age: "x", tags: [] } }))
      expect(age).toMatchObject({ path: ".user.age", expected: "number", received: '"x"' })
      const tag = misfit(() => way({ user: { age: 1, tags: ["ab", "a"] } }))
      expect(tag).toMatchObject({ path: ".user.tags[1]", received: '"a"' })
      const gone = misfit(() => way({ user: { age: 1 } }))
      expect(gone).toMatchObject({ path: ".user.tags", expected: "present", received: "missing" })
    }
  })

  it("is named by its place inside of JSON, too", () => {
    const json = codec(Struct({ json: Schema.Json }))
    const circle: Array<unknown> = [1]
    circle.push({ circle })
    const cases: ReadonlyArray<readonly [unknown, string, string]> = [
      [{ a: holed({ 0: 1, 2: 2 }) }, ".json.a[1]", "a hole in the list"],
      [[{ at: new Date(0) }], ".json[0].at", "1970-01-01T00:00:00.000Z"],
      [{ a: [[Number.NaN]] }, ".json.a[0][0]", "NaN"],
      [{ a: undefined }, ".json.a", "undefined"],
      [circle, ".json[1].circle", "something that contains it"],
      [new Map(), ".json", "a Map of 0"]
    ]
    for (const [value, path, received] of cases) {
      expect(misfit(() => json.encode({ json: value }))).toMatchObject({
        path,
        expected: "JSON value",
        received
      })
    }
  })

  it("is shown in at most 200 characters", () => {
    const long = misfit(() => encode({ user: { age: "x".repeat(10_000), tags: [] } }))
    expect(long.received.length).toBeLessThanOrEqual(200)
  })

  it("may be nested without end, which is an error like any other", () => {
    let tree: Tree = { at: new Date(0), children: [] }
    let json: unknown = { at: "1970-01-01T00:00:00.000Z", children: [] }
    for (let depth = 0; depth < 20_000; depth++) {
      tree = { at: new Date(0), children: [tree] }
      json = { at: "1970-01-01T00:00:00.000Z", children: [json] }
    }
    expect(misfit(() => codec(Tree).encode(tree)).message).toMatch(/deep/)
    expect(misfit(() => codec(Tree).decode(json)).message).toMatch(/deep/)
  })
})

it("encodes into a frozen copy", () => {
  const live = { list: [1, 2] }
  const json = codec(Struct({ list: Schema.Array(Finite) })).encode(live) as typeof live
  live.list.push(3)
  expect(json).toEqual({ list: [1, 2] })
  expect(() => json.list.push(4)).toThrow(TypeError)
})

describe("a fingerprint", () => {
  const print = (...schemas: ReadonlyArray<Schema.Constraint>): string =>
    fingerprintOf(
      schemas.map((schema) => codec(schema).ast),
      codec(Finite).ast,
      []
    )

  it("is short and the same for the same JSON", () => {
    expect(print(Struct({ a: Finite, b: Text }))).toMatch(/^[\w-]{12}$/)
    expect(print(Struct({ a: Finite, b: Text }))).toBe(print(Struct({ b: Text, a: Finite })))
    expect(print(Tree)).toBe(print(Tree))
    expect(print(Text.annotate({ title: "a title" }))).toBe(print(Text))
  })

  it("differs when the JSON does", () => {
    const all = [
      print(),
      print(Finite),
      print(Text),
      print(Finite, Finite),
      print(Struct({ a: Finite })),
      print(Struct({ a: Schema.optionalKey(Finite) })),
      print(Struct({ a: Finite, b: Text })),
      print(Schema.Array(Finite)),
      print(Schema.NullOr(Finite)),
      print(Tree)
    ]
    expect(new Set(all).size).toBe(all.length)
  })
})
