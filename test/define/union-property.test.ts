/** Random schemas of structs, lists and unions, against a model in a few lines: what any fitting member knows is kept. */
import * as Schema from "effect/Schema"
import fc from "fast-check"
import { expect, it } from "vitest"
import { codecOf } from "../../src/define/codec.ts"
import { Misfit } from "../../src/define/schema-mismatch.ts"

type Model =
  | { readonly as: "number" }
  | { readonly as: "text" }
  | { readonly as: "list"; readonly of: Model }
  | { readonly as: "record"; readonly of: Model }
  | {
      readonly as: "struct"
      readonly fields: {
        readonly [key: string]: { readonly optional: boolean; readonly of: Model }
      }
    }
  | { readonly as: "union"; readonly members: ReadonlyArray<Model> }

const keys = fc.constantFrom("a", "b", "c")
const { model } = fc.letrec<{ model: Model; struct: Model }>((tie) => ({
  struct: fc.record({
    as: fc.constant("struct" as const),
    fields: fc.dictionary(keys, fc.record({ optional: fc.boolean(), of: tie("model") }), {
      minKeys: 1
    })
  }),
  model: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom({ as: "number" } as const, { as: "text" } as const),
    fc.record({ as: fc.constant("list" as const), of: tie("model") }),
    fc.record({ as: fc.constant("record" as const), of: tie("model") }),
    tie("struct"),
    {
      weight: 3,
      arbitrary: fc.record({
        as: fc.constant("union" as const),
        members: fc.array(fc.oneof({ weight: 4, arbitrary: tie("struct") }, tie("model")), {
          minLength: 2,
          maxLength: 3
        })
      })
    }
  )
}))

const schemaOf = (model: Model): Schema.Codec<unknown, unknown> => {
  switch (model.as) {
    case "number":
      return Schema.Finite as never
    case "text":
      return Schema.String as never
    case "list":
      return Schema.Array(schemaOf(model.of)) as never
    case "record":
      return Schema.Record(Schema.String, schemaOf(model.of)) as never
    case "struct":
      return Schema.Struct(
        Object.fromEntries(
          Object.entries(model.fields).map(([key, { optional, of }]) => [
            key,
            optional ? Schema.optionalKey(schemaOf(of)) : schemaOf(of)
          ])
        )
      ) as never
    case "union":
      return Schema.Union(model.members.map(schemaOf)) as never
  }
}

type Fields = { readonly [key: string]: unknown }
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const nothing = Symbol("what does not fit")

/** What is kept of a value. */
const kept = (model: Model, value: unknown): unknown => {
  switch (model.as) {
    case "number":
      return typeof value === "number" ? value : nothing
    case "text":
      return typeof value === "string" ? value : nothing
    case "list": {
      if (!Array.isArray(value)) return nothing
      const items = value.map((item) => kept(model.of, item))
      return items.includes(nothing) ? nothing : items
    }
    case "record":
      return isFields(value)
        ? fieldsOf(Object.keys(value).map((key) => [key, kept(model.of, value[key])]))
        : nothing
    case "struct":
      if (!isFields(value)) return nothing
      return fieldsOf(
        Object.entries(model.fields).flatMap(([key, { optional, of }]) =>
          key in value ? [[key, kept(of, value[key])]] : optional ? [] : [[key, nothing]]
        )
      )
    case "union": {
      const all = model.members
        .map((member) => kept(member, value))
        .filter((one) => one !== nothing)
      return all.length === 0 ? nothing : all.reduce(together)
    }
  }
}

const fieldsOf = (entries: ReadonlyArray<readonly [string, unknown]>): unknown =>
  entries.some(([, item]) => item === nothing) ? nothing : Object.fromEntries(entries)

const together = (left: unknown, right: unknown): unknown => {
  if (Array.isArray(left)) {
    return left.map((item, at) => together(item, (right as ReadonlyArray<unknown>)[at]))
  }
  if (!isFields(left) || !isFields(right)) return left
  const both = Object.keys({ ...left, ...right })
  return Object.fromEntries(
    both.map((key) => [
      key,
      key in left && key in right ? together(left[key], right[key]) : { ...left, ...right }[key]
    ])
  )
}

/** Values that often fit: full of keys, a few of the wrong kind. */
const valueOf = (model: Model): fc.Arbitrary<unknown> => {
  switch (model.as) {
    case "number":
      return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(0, -0, 1) }, fc.constant("x"))
    case "text":
      return fc.oneof({ weight: 9, arbitrary: fc.constantFrom("", "y") }, fc.constant(2))
    case "list":
      return fc.array(valueOf(model.of), { maxLength: 2 })
    case "record":
      return fc.dictionary(keys, valueOf(model.of), { noNullPrototype: true })
    case "struct":
      return fc.record(
        Object.fromEntries(Object.entries(model.fields).map(([key, { of }]) => [key, valueOf(of)])),
        { requiredKeys: [] }
      )
    case "union":
      // A value of all members at once, as far as it goes.
      return fc
        .tuple(...model.members.map(valueOf))
        .map((values) =>
          values.every(isFields) ? Object.assign({}, ...values.toReversed()) : values[0]
        )
  }
}

const cases = model.chain((model) => fc.tuple(fc.constant(model), valueOf(model)))

it(
  "keeps what the model keeps, in both directions, and refuses what it refuses",
  { timeout: 60_000 },
  () => {
    let fitted = 0
    fc.assert(
      fc.property(cases, ([model, value]) => {
        const codec = codecOf(schemaOf(model))
        if (typeof codec === "string") throw new Error(codec)
        const expected = kept(model, value)
        if (expected === nothing) {
          expect(() => codec.encode(value)).toThrow(Misfit)
          expect(() => codec.decode(value)).toThrow(Misfit)
          return
        }
        fitted += 1
        const json = codec.encode(value)
        expect(json).toStrictEqual(expected)
        expect(codec.decode(value)).toStrictEqual(expected)
        expect(codec.decode(json)).toStrictEqual(expected)
      }),
      { numRuns: 2_000 }
    )
    expect(fitted).toBeGreaterThan(500)
  }
)
