/** Unions of which one member drops what another keeps: all that fit are asked, and what they keep is put together. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { merged } from "./merge.ts"
import { firstPlace } from "./schema-mismatch.ts"

/** A union read and written by every member that fits, instead of by the first. */
export const readByAll = (
  union: SchemaAST.Union,
  types: ReadonlyArray<SchemaAST.AST>,
  encoding: SchemaAST.Encoding | undefined
): SchemaAST.AST => {
  const members = types.map((type) => Schema.make<Schema.Codec<unknown>>(type))
  return new SchemaAST.Declaration(
    [],
    () =>
      allOf(
        union,
        members.map((member) => SchemaParser.decodeUnknownEffect(member))
      ),
    union.annotations,
    union.checks,
    encoding,
    union.context,
    union.encodingChecks,
    () =>
      allOf(
        union,
        members.map((member) => SchemaParser.encodeUnknownEffect(member))
      )
  )
}

type Parse = (
  input: unknown,
  options?: SchemaAST.ParseOptions
) => Effect.Effect<unknown, SchemaIssue.Issue>
type Parsed = Exit.Exit<unknown, SchemaIssue.Issue>

/** What has been parsed under the outermost of these unions: members that hold one another would parse all again. */
let under: Map<object, Map<unknown, Parsed>> | undefined

const allOf = (union: SchemaAST.Union, parsers: ReadonlyArray<Parse>) => {
  const key = {}
  const parse = (input: unknown, _self: unknown, options: SchemaAST.ParseOptions): Parsed => {
    const outermost = under === undefined
    const all = (under ??= new Map())
    try {
      let own = all.get(key)
      if (own === undefined) all.set(key, (own = new Map()))
      const known = own.get(input)
      if (known !== undefined) return known
      const parsed = parsedWith(union, parsers, input, options)
      if (typeof input === "object") own.set(input, parsed)
      return parsed
    } finally {
      if (outermost) under = undefined
    }
  }
  return parse
}

const parsedWith = (
  union: SchemaAST.Union,
  parsers: ReadonlyArray<Parse>,
  input: unknown,
  options: SchemaAST.ParseOptions
): Parsed => {
  const kept: Array<unknown> = []
  const issues: Array<SchemaIssue.Issue> = []
  for (const parse of parsers) {
    const exit = Effect.runSyncExit(parse(input, options))
    if (Exit.isSuccess(exit)) {
      kept.push(exit.value)
      continue
    }
    const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
    if (failure === undefined) return exit
    // A member of another kind altogether has nothing to say about what is wrong.
    if (failure.error._tag !== "InvalidType") issues.push(failure.error)
  }
  return kept.length > 0
    ? Exit.succeed(kept.reduce(merged))
    : Exit.fail(new SchemaIssue.AnyOf(union, furthest(issues), input, options))
}

/** What went wrong where the most was right. With all of it, what is wrong far inside would be told once for every way there. */
const furthest = (issues: ReadonlyArray<SchemaIssue.Issue>): ReadonlyArray<SchemaIssue.Issue> => {
  const [first, ...others] = issues
  if (first === undefined || others.length === 0) return issues
  const depths = issues.map((issue) => firstPlace(issue).path.length)
  return [issues[depths.indexOf(Math.max(...depths))]!]
}
