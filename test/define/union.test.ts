/** A union whose members know different keys keeps all of a value, or is refused when it is declared. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { codecOf, type SchemaCodec } from "../../src/define/codec.ts"
import { fingerprintOf } from "../../src/define/fingerprint.ts"
import { Misfit } from "../../src/define/schema-mismatch.ts"
import { keepingAll } from "../../src/define/whole.ts"

const { Finite, String: Text, Struct, Union, optionalKey } = Schema

const codec = (schema: Schema.Constraint): SchemaCodec => {
  const made = codecOf(schema)
  if (typeof made === "string") throw new Error(made)
  return made
}

const Named = Struct({ name: Text })
const Invited = Struct({ name: Text, invitedBy: Text })
const Guest = Union([Named, Invited])
const ada = { name: "Ada", invitedBy: "Bob" }

interface Node {
  readonly size: number
  readonly label?: string
  readonly inside: ReadonlyArray<Node>
}
const Inside = Schema.Array(Schema.suspend((): Schema.Codec<Node, unknown> => Node))
const Node: Schema.Codec<Node, unknown> = Union([
  Struct({ size: Finite, inside: Inside }),
  Struct({ size: Finite, label: Text, inside: Inside })
]) as never

/** A recursive type of its own each, rather than one that holds the union. */
interface Chain {
  readonly at: Date
  readonly next: Chain | null
}
const Short: Schema.Codec<Chain, unknown> = Struct({
  at: Schema.Date,
  next: Schema.NullOr(Schema.suspend((): Schema.Codec<Chain, unknown> => Short))
}) as never
const Long: Schema.Codec<Chain, unknown> = Struct({
  at: Schema.Date,
  note: Text,
  next: Schema.NullOr(Schema.suspend((): Schema.Codec<Chain, unknown> => Long))
}) as never

class Party extends Schema.Class<Party>("Party")({ host: Union([Invited, Named]) }) {}
class Refused extends Schema.TaggedError<Refused>()("Refused", { who: Guest }) {}

const node = (size: number, label: string | undefined, ...inside: ReadonlyArray<Node>): Node =>
  label === undefined ? { size, inside } : { size, label, inside }

const date = new Date(86_400_000)

describe("what arrives whole", () => {
  const cases: ReadonlyArray<readonly [string, Schema.Constraint, unknown]> = [
    ["a struct behind a narrower one", Guest, ada],
    ["the narrower one", Guest, { name: "Ada" }],
    [
      "optional keys of two members at once",
      Union([
        Struct({ name: Text, age: optionalKey(Finite) }),
        Struct({ name: Text, email: optionalKey(Text) })
      ]),
      { name: "Ada", age: 36, email: "ada@example.org" }
    ],
    ["three members", Union([Named, Struct({ age: Finite }), Invited]), { ...ada, age: 36 }],
    ["a struct beside a record", Union([Named, Schema.Record(Text, Text)]), { ...ada, x: "y" }],
    ["a struct beside JSON", Union([Named, Schema.Json]), { ...ada, more: [1, { x: null }] }],
    ["records", Union([Schema.Record(Text, Named), Schema.Record(Text, Invited)]), { a: ada }],
    ["structs inside", Union([Struct({ a: Named }), Struct({ a: Invited })]), { a: ada }],
    ["a union inside a union", Union([Union([Named, Finite]), Invited]), ada],
    ["lists", Union([Schema.Array(Named), Schema.Array(Invited)]), [ada, ada]],
    ["tuples", Union([Schema.Tuple([Named, Finite]), Schema.Tuple([Invited, Finite])]), [ada, 1]],
    [
      "dates and bigints",
      Union([
        Struct({ at: Schema.Date }),
        Struct({ at: Schema.Date, large: Schema.BigInt }),
        Struct({ at: Schema.Date, set: Schema.ReadonlySet(Text), maybe: Schema.Option(Finite) })
      ]),
      { at: date, large: 7n, set: new Set(["x"]), maybe: Option.some(1) }
    ],
    [
      "structs that a number tells apart in part",
      Union([Struct({ n: Schema.Enum({ A: 1, B: 2 }), a: Text }), Struct({ n: Finite, b: Text })]),
      { n: 1, a: "x", b: "y" }
    ],
    ["in a list", Schema.Array(Guest), [ada, { name: "Bob" }]],
    ["in a record", Schema.Record(Text, Guest), { a: ada }],
    ["in a Map, as key and as value", Schema.ReadonlyMap(Guest, Guest), new Map([[ada, ada]])],
    ["in a Set", Schema.ReadonlySet(Guest), new Set([ada])],
    ["in an Option", Schema.Option(Guest), Option.some(ada)],
    ["in a tuple", Schema.Tuple([Finite, Guest]), [1, ada]],
    ["in a class", Party, new Party({ host: ada })],
    [
      "in an optional field",
      Struct({ a: Schema.optional(Guest), b: optionalKey(Guest) }),
      { b: ada }
    ],
    ["in a nullable field", Struct({ a: Schema.NullOr(Guest) }), { a: ada }],
    ["in itself", Node, node(1, "a", node(2, undefined, node(3, "c")), node(4, "d"))],
    [
      "recursive members",
      Union([Short, Long]),
      { at: date, note: "a", next: { at: date, note: "b", next: null } }
    ],
    ["with a brand", Guest.pipe(Schema.brand("Guest")), ada],
    [
      "members with checks",
      Union([Named.check(Schema.makeFilter(({ name }) => name !== "")), Invited]),
      ada
    ],
    ["beside what is anything", Union([Struct({}), Invited]), { ...ada, x: 1 }]
  ]
  it.each(cases)("%s", (_, schema, value) => {
    const { encode, decode } = codec(schema)
    const json = encode(value)
    const back = decode(JSON.parse(JSON.stringify(json)))
    expect(back).toStrictEqual(value)
    expect(encode(back)).toStrictEqual(json)
  })

  it("in a declared error", () => {
    const { encode, decode } = codec(Refused)
    // Its own constructor is effect's, and keeps what the first member knows.
    const error = Object.defineProperty(new Refused({ who: ada }), "who", {
      value: ada,
      enumerable: true
    })
    expect(decode(encode(error))).toMatchObject({ who: ada })
  })

  it("and what no member knows is dropped, as by one struct", () => {
    expect(codec(Guest).encode({ ...ada, other: 1 })).toStrictEqual(ada)
  })

  it("and only members that fit have a say", () => {
    const { encode } = codec(Union([Named, Struct({ name: Text, age: Finite, born: Schema.Date })]))
    expect(encode({ name: "Ada", age: 36 })).toStrictEqual({ name: "Ada" })
  })

  it("under the checks of the union, which see all of it", () => {
    const Inviting = Guest.check(
      Schema.makeFilter((guest) => "invitedBy" in guest || "somebody who was invited")
    )
    const { encode, decode } = codec(Inviting)
    expect(decode(encode(ada))).toStrictEqual(ada)
    for (const way of [encode, decode]) {
      expect(() => way({ name: "Ada" })).toThrow(/somebody who was invited/)
    }
  })
})

describe("what is wrong", () => {
  it("is named by its place, where the most is right", () => {
    const { encode, decode } = codec(Struct({ guests: Schema.Array(Guest) }))
    for (const way of [encode, decode]) {
      expect(() => way({ guests: [ada, { name: 5 }] })).toThrow(
        ".guests[1].name should be string, but is 5"
      )
      expect(() => way({ guests: [7] })).toThrow(".guests[0] should be object, but is 7")
    }
  })

  it("is found in no time, however deep", () => {
    const nested = (bottom: unknown, depth: number): unknown =>
      depth === 0 ? bottom : nested({ size: depth, label: "x", inside: [bottom] }, depth - 1)
    const { decode } = codec(Node)
    const sound = nested({ size: 0, inside: [] }, 90)
    expect(decode(sound)).toStrictEqual(sound)
    // Asked anew at every level, two members would be asked two to the ninetieth times.
    expect(() => decode(nested({ size: "x", inside: [] }, 90))).toThrow(Misfit)
  })
})

describe("what is refused when it is declared", () => {
  const cases: ReadonlyArray<readonly [string, Schema.Constraint, RegExp]> = [
    [
      "Options of different structs",
      Union([Schema.Option(Named), Schema.Option(Invited)]),
      /Option.*something would be lost.*Schema\.Option\(Schema\.Union/
    ],
    [
      "Maps of different structs",
      Union([Schema.ReadonlyMap(Text, Named), Schema.ReadonlyMap(Text, Invited)]),
      /something would be lost/
    ],
    [
      "the same, deep inside and behind what is no matter",
      Struct({
        a: Union([
          Struct({ plain: Named, list: Schema.Array(Schema.Option(Named)) }),
          Struct({ plain: Invited, list: Schema.Array(Schema.Option(Invited)) })
        ])
      }),
      /something would be lost/
    ],
    [
      "a Date beside a record of texts",
      Union([Struct({ at: Schema.Date }), Schema.Record(Text, Text)]),
      /share a JSON form/
    ],
    [
      "a Date beside a list of texts",
      Union([Schema.Tuple([Schema.Date]), Schema.Array(Text)]),
      /share a JSON form/
    ],
    [
      "a Date beside anything",
      Union([Struct({}), Struct({ at: Schema.Date })]),
      /share a JSON form/
    ]
  ]
  it.each(cases)("%s", (_, schema, reason) => {
    expect(codecOf(schema)).toMatch(reason)
  })

  it("not where only one may fit: a value of both is refused itself", () => {
    const { encode } = codec(Union([Named, Invited], { mode: "oneOf" }))
    expect(() => encode(ada)).toThrow(/exactly one member/)
  })
})

describe("what cannot lose anything", () => {
  const cases: ReadonlyArray<readonly [string, Schema.Constraint]> = [
    [
      "tagged structs",
      Union([
        Struct({ kind: Schema.Literal("a"), x: Text }),
        Struct({ kind: Schema.Literal("b"), y: Finite })
      ])
    ],
    ["leaves", Union([Text, Finite, Schema.Null])],
    ["a struct or nothing", Struct({ a: Schema.optional(Named) })],
    [
      "keys that exclude each other",
      Union([
        Struct({ a: Text, b: optionalKey(Schema.Never) }),
        Struct({ b: Text, a: optionalKey(Schema.Never) })
      ])
    ],
    [
      "tuples of the same items",
      Union([
        Schema.Tuple([Schema.Option(Named), Schema.Option(Invited)]),
        Schema.Tuple([Schema.Option(Named), Schema.Option(Invited)])
      ])
    ],
    ["tuples of different lengths", Union([Schema.Tuple([Named]), Schema.Tuple([Invited, Finite])])]
  ]
  it.each(cases)("stays effect's own: %s", (_, schema) => {
    const { ast } = codec(schema)
    expect(keepingAll(ast)).toBe(ast)
  })
})

it("has the fingerprint it had before", () => {
  const print = (schema: Schema.Constraint): string =>
    fingerprintOf([codec(schema).ast], codec(Finite).ast, [])
  expect(print(Guest)).toBe(print(Union([Invited, Named])))
  expect(codec(Guest).ast._tag).toBe("Union")
})
