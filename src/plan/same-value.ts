/** One form for values that mean the same: the entries of every Map and Set in order, where a schema says that they are that. */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { idOf } from "../define/ast.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { jsonText } from "../define/json-text.ts"
import { argumentAt, type CallNode, type Json } from "../define/plan.ts"

/** JSON with the keys of every object in order. */
export const canonical = (json: unknown): string => {
  if (Array.isArray(json)) return `[${json.map(canonical).join(",")}]`
  if (typeof json !== "object" || json === null) return jsonText(json ?? null)
  const entries = Object.entries(json)
    .filter(([, item]) => item !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`
}

/** The arguments of a call, by the schemas of its task. */
export const argumentsOf = (call: CallNode, task: TaskDefinition | undefined): unknown =>
  call.args.map((argument, at) => valueOf(task?.inputCodecs[argumentAt(call, at)]?.ast, argument))

/** effect's names of what holds its entries in no order that means something. */
const unordered: ReadonlySet<unknown> = new Set([
  "effect/schema/ReadonlyMap",
  "effect/schema/ReadonlySet",
  "effect/schema/HashMap",
  "effect/schema/HashSet"
])

/** A value in canonical JSON, with the entries of every Map and Set in order. */
export const valueOf = (ast: SchemaAST.AST | undefined, json: Json): Json => {
  if (ast === undefined || typeof json !== "object" || json === null) return json
  const encoded = ast.encoding?.at(-1)?.to
  if (encoded !== undefined) {
    const value = valueOf(encoded, json)
    return ast._tag === "Declaration" && unordered.has(idOf(ast)) && Array.isArray(value)
      ? (value as ReadonlyArray<Json>)
          .map((item) => [canonical(item), item] as const)
          .toSorted(([left], [right]) => (left < right ? -1 : 1))
          .map(([, item]) => item)
      : value
  }
  switch (ast._tag) {
    case "Suspend":
      return valueOf(ast.thunk(), json)
    case "Arrays":
      return Array.isArray(json)
        ? json.map((item: Json, at) => valueOf(ast.elements[at] ?? ast.rest[0], item))
        : json
    case "Objects": {
      if (Array.isArray(json)) return json
      const types = new Map(ast.propertySignatures.map(({ name, type }) => [name, type]))
      const rest = ast.indexSignatures[0]?.type
      return Object.fromEntries(
        Object.entries(json).map(([key, item]) => [key, valueOf(types.get(key) ?? rest, item)])
      )
    }
    case "Union":
      // Every member that fits: one may know a key, and the Set that it holds, which another drops.
      return ast.types
        .filter((type) => fits(type, json))
        .reduce((told: Json, type) => valueOf(type, told), json)
    default:
      return json
  }
}

const fits = (ast: SchemaAST.AST, json: Json): boolean =>
  SchemaParser.is(Schema.make(SchemaAST.toEncoded(ast)))(json)
