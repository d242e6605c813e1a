/**
 * Schemas of other libraries, by Standard Schema (standardschema.dev): each becomes one of effect's, which checks a value by
 * asking the library.
 *
 * The standard has no way back from what a schema gives to what it takes. So what travels is what it gives, and it is asked
 * again where that arrives: a schema that would then give something else, or refuse, is refused itself.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "effect/StandardSchema"
import { formIn, hasTag } from "./json-form.ts"
import { jsonText } from "./json-text.ts"
import { absent } from "./schema-mismatch.ts"
import { effectInside } from "./nested.ts"
import { nothingIn } from "./nothing-in.ts"
import { changeIn } from "./unchanged.ts"
import { askZod } from "./zod.ts"

type Standard = StandardSchemaV1["~standard"] & {
  readonly jsonSchema?: StandardJSONSchemaV1.Converter
}

/** The schema itself where it is one of effect's; `undefined` where it is none at all; a text says why it cannot be used. */
export const schemaOf = (value: unknown): Schema.Constraint | string | undefined => {
  if (isEffectSchema(value)) return value
  return isStandard(value) ? adopted(value) : undefined
}

/** Whether a schema of another library says that its values have a `_tag`; `undefined` where it says nothing of them. */
export const tagTold = (
  value: unknown
): { readonly vendor: string; readonly has: boolean | undefined } | undefined => {
  if (isEffectSchema(value) || !isStandard(value)) return undefined
  const { vendor, jsonSchema }: Standard = value["~standard"]
  try {
    return { vendor, has: jsonSchema && hasTag(jsonSchema.output({ target: "draft-2020-12" })) }
  } catch {
    return { vendor, has: false }
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" || typeof value === "function") && value !== null

const isEffectSchema = (value: unknown): value is Schema.Constraint =>
  isObject(value) && "ast" in value

const isStandard = (value: unknown): value is StandardSchemaV1 =>
  isObject(value) &&
  "~standard" in value &&
  isObject(value["~standard"]) &&
  typeof (value["~standard"] as Standard).validate === "function"

/** Asks the library at once, or says that it cannot be. What a check of the schema throws is thrown. */
const ask = (schema: StandardSchemaV1, value: unknown): StandardSchemaV1.Result<unknown> => {
  const standard = schema["~standard"]
  const said = askZod(schema, value)
  if (typeof said === "object") return said
  const result = said === "waits" ? undefined : standard.validate(value)
  if (result !== undefined && !("then" in result)) return result
  result?.catch(() => {})
  return {
    issues: [
      {
        message: `${standard.vendor} would check it asynchronously, for which nobody can wait here: check it in the handler`
      }
    ]
  }
}

const takes = (schema: StandardSchemaV1, value: unknown): boolean => {
  try {
    return ask(schema, value).issues === undefined
  } catch {
    return false
  }
}

const adopted = (schema: StandardSchemaV1): Schema.Constraint | string => {
  const { vendor } = schema["~standard"]
  const form = formOf(schema)
  if (typeof form === "string") return form
  return Schema.declareConstructor<unknown>()(
    [],
    () => (value, _self, options) => {
      const result = ask(schema, value)
      return result.issues === undefined
        ? Effect.succeed(result.value)
        : Effect.fail(issueOf(result.issues, value, options))
    },
    {
      title: `a schema of ${vendor}`,
      toCodecJson: () =>
        Schema.link<unknown>()(
          form,
          SchemaTransformation.transformEffect<unknown, Schema.Json>({
            decode: (json) =>
              Effect.succeed(
                json === null && !takes(schema, null)
                  ? undefined
                  : nothingIn(json, (value) => ask(schema, value).issues?.map(pathOf))
              ),
            encode: (value, options) => {
              const json = jsonOf(value)
              const wrong = whyNotAgain(schema, json, value)
              return wrong === undefined
                ? Effect.succeed(json)
                : Effect.fail(new SchemaIssue.InvalidValue({ expected: wrong }, value, options))
            }
          })
        )
    }
  )
}

/** What a library can say of a schema before it has met a value, or why no value could travel. */
const formOf = (schema: StandardSchemaV1): ReturnType<typeof formIn> | string => {
  const { jsonSchema, vendor }: Standard = schema["~standard"]
  if (jsonSchema === undefined) return effectInside(schema, vendor) ?? formIn(vendor, undefined)
  try {
    return formIn(vendor, jsonSchema.output({ target: "draft-2020-12" }))
  } catch (cause) {
    const nested = effectInside(schema, vendor)
    if (nested !== undefined) return nested
    if (isVoid(schema)) return formIn(vendor, { type: "null" })
    const said = cause instanceof Error ? cause.message : String(cause)
    const line = said.split("\n")[0]!
    if (/^(?:function|symbol)/i.test(line)) {
      return `${vendor} finds no JSON for it (${line}): describe it as data, which the handler acts on`
    }
    return `${vendor} finds no JSON for it (${line}): use one whose values are JSON and stay as they are, for example a text for a date, or a schema of effect there, which has a JSON form for most types`
  }
}

/** A schema of nothing: as JSON it is null. */
const isVoid = (schema: StandardSchemaV1): boolean =>
  takes(schema, undefined) && ![null, false, 0, "", [], {}].some((value) => takes(schema, value))

const jsonOf = (value: unknown): Schema.Json => {
  if (value === undefined) return null
  try {
    return JSON.parse(jsonText(value)) as Schema.Json
  } catch {
    // Refused by whoever makes it canonical, who says where and why.
    return value as Schema.Json
  }
}

/** Why a value would not arrive as it is. */
const whyNotAgain = (
  schema: StandardSchemaV1,
  json: Schema.Json,
  value: unknown
): string | undefined => {
  const { vendor } = schema["~standard"]
  const nothing = value === undefined
  if (nothing && takes(schema, null)) {
    return `something else than undefined, which JSON does not know, where ${vendor} takes null as well`
  }
  const change = nothing ? undefined : changeIn(value, json)
  if (change !== undefined) return `a value that is the same as JSON (${change})`
  const again = ask(schema, nothing ? undefined : json)
  if (again.issues !== undefined) {
    const [issue] = again.issues
    const place = pathOf(issue).map(String).join(".")
    if (!nothing && at(value, pathOf(issue)) === undefined && place !== "") {
      return `a value whose ${place} is not undefined, which JSON leaves out and ${vendor} would miss when it arrives: give null or something else there, or make the field optional`
    }
    return `a value that ${vendor} takes again when it arrives as JSON (${place === "" ? "" : `${place}: `}${issue?.message})`
  }
  return nothing || jsonText(jsonOf(again.value)) === jsonText(json)
    ? undefined
    : `a value that its schema leaves as it is when it is read again; this one is transformed each time, so what a handler gets would depend on the way: transform it in the handler`
}

const issueOf = (
  issues: ReadonlyArray<StandardSchemaV1.Issue>,
  value: unknown,
  options: SchemaAST.ParseOptions
): SchemaIssue.Issue => {
  const told = options.errors === "all" ? issues : issues.slice(0, 1)
  const [first = oneIssueOf({ message: "" }, value, options), ...others] = told.map((issue) =>
    oneIssueOf(issue, value, options)
  )
  return others.length === 0
    ? first
    : new SchemaIssue.Composite(Schema.Unknown.ast, [first, ...others], value, options)
}

const oneIssueOf = (
  issue: StandardSchemaV1.Issue,
  value: unknown,
  options: SchemaAST.ParseOptions
): SchemaIssue.Issue => {
  const path = pathOf(issue)
  const found = at(value, path, absent)
  const { message } = issue
  const expected =
    /^Invalid (?:input|type|option): expected (.+?)(?:(?:,| but) received .*)?$/i.exec(message)?.[1]
  // So zod says that anything may stand there, and nothing does.
  const there = expected === "nonoptional" ? "present" : expected
  const words = there === undefined ? { message } : { expected: there }
  const leaf = new SchemaIssue.InvalidValue(words, found, options)
  return path.length === 0 ? leaf : new SchemaIssue.Pointer(path, leaf)
}

/** What stands at a place inside a value; `missing` where nothing does. */
const at = (value: unknown, path: ReadonlyArray<PropertyKey>, missing?: symbol): unknown =>
  path.reduce<unknown>(
    (inside, key) =>
      isObject(inside) && key in inside
        ? (inside as { readonly [key: PropertyKey]: unknown })[key]
        : missing,
    value
  )

const pathOf = (issue: StandardSchemaV1.Issue | undefined): ReadonlyArray<PropertyKey> =>
  Array.from(issue?.path ?? [], (segment) => (typeof segment === "object" ? segment.key : segment))
