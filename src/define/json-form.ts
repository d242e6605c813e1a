/** What a JSON Schema tells of values: the tags by which errors are told apart, and all of it for the fingerprint. */
import * as Schema from "effect/Schema"

type JsonSchema = { readonly [key: string]: unknown }

/**
 * The JSON that values travel as, with what is told of them as a check that counts in the fingerprint. Where a library tells
 * nothing, contracts with its schemas are alike.
 */
export const formIn = (
  vendor: string,
  schema: JsonSchema | undefined
): Schema.Codec<Schema.Json, Schema.Json> => {
  const { $schema: _, ...told } = schema ?? {}
  const expected = schema === undefined ? `what ${vendor} takes` : inOrder(told)
  const counted = Schema.makeFilter<Schema.Json>(() => true, { expected })
  const tags = tagsIn(told)
  const form =
    tags === undefined
      ? Schema.Json
      : Schema.StructWithRest(Schema.Struct({ _tag: Schema.Literals(tags) }), [
          Schema.Record(Schema.String, Schema.Json)
        ])
  return (form as unknown as typeof Schema.Json).check(counted) as never
}

/** Every `_tag` a value can have; `undefined` when one alternative has none. */
const tagsIn = (schema: JsonSchema): ReadonlyArray<string> | undefined => {
  const alternatives = schema["anyOf"] ?? schema["oneOf"]
  if (Array.isArray(alternatives)) {
    const tags = alternatives.map((one: JsonSchema) => tagsIn(one))
    return tags.includes(undefined) ? undefined : tags.flatMap((some) => some ?? [])
  }
  const { properties, required } = schema as {
    readonly properties?: { readonly _tag?: JsonSchema }
    readonly required?: ReadonlyArray<string>
  }
  if (properties?._tag === undefined || required?.includes("_tag") !== true) return undefined
  const { const: only, enum: some = [only] } = properties._tag as {
    readonly const?: unknown
    readonly enum?: ReadonlyArray<unknown>
  }
  return some.every((tag) => typeof tag === "string") ? some : undefined
}

/** Whether a value can have a `_tag`, of whatever kind. */
export const hasTag = (schema: JsonSchema): boolean => {
  const { properties } = schema as { readonly properties?: { readonly _tag?: unknown } }
  const alternatives = schema["anyOf"] ?? schema["oneOf"]
  return (
    properties?._tag !== undefined ||
    (Array.isArray(alternatives) && alternatives.some((one: JsonSchema) => hasTag(one)))
  )
}

/** Lists in a JSON Schema whose order means nothing. */
const unordered: ReadonlySet<string> = new Set(["required", "enum", "type"])

/** A JSON Schema as one text, in whatever order a library writes it. */
const inOrder = (schema: JsonSchema): string =>
  JSON.stringify(schema, (key, value: unknown) => {
    if (Array.isArray(value)) return unordered.has(key) ? value.toSorted() : value
    return typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))
        )
      : value
  })
