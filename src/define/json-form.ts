/** What a JSON Schema tells of values: the tags by which errors are told apart, and all of it for the fingerprint. */
import * as Schema from "effect/Schema"

export interface JsonForm {
  /** Values as they travel, with what is known of them as a check that counts in the fingerprint. */
  readonly encoded: Schema.Codec<Schema.Json, Schema.Json>
}

type JsonSchema = { readonly [key: string]: unknown }

/** The form of what `schema` describes. Where a library does not say it, contracts with its schemas are alike. */
export const formIn = (vendor: string, schema: JsonSchema | undefined): JsonForm => {
  const { $schema: _, ...told } = schema ?? {}
  const expected = schema === undefined ? `what ${vendor} takes` : inOrder(told)
  const told_ = Schema.makeFilter<Schema.Json>(() => true, { expected })
  const tags = tagsIn(told)
  const form =
    tags === undefined
      ? Schema.Json
      : Schema.StructWithRest(Schema.Struct({ _tag: Schema.Literals(tags) }), [
          Schema.Record(Schema.String, Schema.Json)
        ])
  return { encoded: (form as unknown as typeof Schema.Json).check(told_) as never }
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

/** JSON Schema as one text, whatever order a library writes keys in. */
const inOrder = (json: unknown): string =>
  JSON.stringify(json, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))
        )
      : value
  )
