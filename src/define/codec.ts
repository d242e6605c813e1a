/** Turns values of a schema's type side into canonical JSON and back. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import type { Json } from "./plan.ts"
import { frozenJson, OutOfBounds } from "./json.ts"
import { whyNoJson } from "./round-trip.ts"
import { whyNotOurs } from "./copies.ts"
import { Misfit, misfitOf } from "./schema-mismatch.ts"
import { received } from "./describe-value.ts"
import { keepingAll } from "./whole.ts"

/** What travels is the type side: two schemas of one type have the same JSON. Both directions throw a `Misfit`. */
export interface ValueCodec {
  /** Canonical JSON, frozen and sharing nothing with the value. */
  readonly encode: (value: unknown) => Json
  readonly decode: (json: unknown) => unknown
}

/** A codec with the schema tree it was made from. */
export interface SchemaCodec extends ValueCodec {
  readonly ast: SchemaAST.AST
}

/** A codec of a schema, or the reason why values of it cannot travel. */
export const codecOf = (schema: Schema.Constraint): SchemaCodec | string => {
  const foreign = whyNotOurs(schema as Schema.Top)
  if (foreign !== undefined) return foreign
  let codec: Schema.Codec<unknown, unknown>
  try {
    codec = Schema.toCodecJson(Schema.toType(schema as Schema.Top)) as never
  } catch (cause) {
    return `it has no JSON form (${cause instanceof Error ? cause.message : String(cause)})`
  }
  const reason = whyNoJson(codec.ast)
  if (reason !== undefined) return reason
  const keeping = Schema.make<Schema.Codec<unknown>>(keepingAll(codec.ast))
  const encode = guarded(SchemaParser.encodeUnknownEffect(keeping))
  const decode = guarded(SchemaParser.decodeUnknownEffect(keeping))
  return {
    ast: codec.ast,
    encode: (value) => bounded(() => frozenJson(encode(value)), value),
    decode
  }
}

type Parse = (
  input: unknown,
  options?: SchemaAST.ParseOptions
) => Effect.Effect<unknown, SchemaIssue.Issue>

/** Nearly every parser answers with an exit at once, which costs no fiber. */
const guarded = (parse: Parse): ((input: unknown) => unknown) => {
  const run = (input: unknown): unknown => {
    const exit = Effect.runSyncExit(parse(input))
    if (Exit.isSuccess(exit)) return exit.value
    const first = issueOf(exit)
    if (first !== undefined) {
      const errors = isSmall(input) ? "all" : "first"
      const issueWith = (options: SchemaAST.ParseOptions): SchemaIssue.Issue | undefined =>
        issueOf(Effect.runSyncExit(parse(input, { errors, ...options })))
      const issue = issueWith({}) ?? first
      throw misfitOf(issue, issueWith({ reportInput: true }) ?? issue)
    }
    const defect = defectOf(exit)
    if (isTooDeep(defect)) throw defect
    throw new Misfit(
      "",
      "a value its schema can process",
      `one on which it fails: ${String(defect)}`
    )
  }
  return (input) => bounded(() => run(input), input)
}

/** How many values one may hold for all that is wrong in it to be looked for: a hundred thousand wrong items take a second. */
const most = 5_000

const isSmall = (value: unknown): boolean => {
  const inside = [value]
  for (let at = 0; at < inside.length; at++) {
    const next = inside[at]
    if (typeof next !== "object" || next === null) continue
    const items: ReadonlyArray<unknown> = Array.isArray(next) ? next : Object.values(next)
    if (inside.length + items.length > most) return false
    for (const item of items) inside.push(item)
  }
  return true
}

const issueOf = (exit: Exit.Exit<unknown, SchemaIssue.Issue>): SchemaIssue.Issue | undefined =>
  Exit.isFailure(exit)
    ? exit.cause.reasons.find((reason) => reason._tag === "Fail")?.error
    : undefined

const defectOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isFailure(exit)
    ? exit.cause.reasons.find((reason) => reason._tag === "Die")?.defect
    : undefined

/** A check of the user's own may throw a `RangeError`, too. Both engines say it so. */
const isTooDeep = (cause: unknown): boolean =>
  cause instanceof RangeError && /call stack/i.test(cause.message)

/** A value nested beyond the stack is refused like any other, not a crash of whoever handles it. */
const bounded = <A>(work: () => A, value: unknown): A => {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof OutOfBounds) throw new Misfit("", cause.message, "beyond that")
    if (cause instanceof RangeError) {
      throw new Misfit("", "nested less deeply", received(value))
    }
    throw cause
  }
}
