/**
 * Finds out whether two members of a union keep the same of every value that fits both. A struct reads the keys it knows
 * and drops all others, so a value that was read by the narrower of two structs has lost what the wider one knows.
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import { isEmpty, overlaps } from "./json-overlap.ts"

/** What one of two drops: a key that the other keeps, or something inside of what only its declaration can take apart. */
export type Drops = "keys" | "inside" | undefined

/** What the members of a union drop of each other's values; `inside` says most. */
export const dropsOf = ({ types, options }: SchemaAST.Union): Drops => {
  // Of those, only one may fit.
  if (options?.mode === "oneOf") return undefined
  const found: Found = new Map()
  // What recursive members drop is known when looking again tells nothing new.
  for (;;) {
    const look = { found, seen: new Map<SchemaAST.AST, Set<SchemaAST.AST>>(), news: false }
    const drops = types.flatMap((left, at) =>
      types.slice(at + 1).map((right) => compare(left, right, look))
    )
    if (!look.news) return worst(drops)
  }
}

type Found = Map<SchemaAST.AST, Map<SchemaAST.AST, Drops>>

interface Look {
  readonly found: Found
  readonly seen: Map<SchemaAST.AST, Set<SchemaAST.AST>>
  news: boolean
}

const compare = (x: SchemaAST.AST, y: SchemaAST.AST, look: Look): Drops => {
  if (x === y) return undefined
  const { found, seen } = look
  const known = found.get(x)?.get(y)
  if (seen.get(x)?.has(y) === true) return known
  seen.set(x, (seen.get(x) ?? new Set()).add(y))
  const drops = compared(x, y, (x, y) => compare(x, y, look))
  if (drops !== known) {
    look.news = true
    found.set(x, (found.get(x) ?? new Map<SchemaAST.AST, Drops>()).set(y, drops))
  }
  return drops
}

const compared = (x: SchemaAST.AST, y: SchemaAST.AST, among: Among): Drops => {
  if (x._tag === "Suspend") return among(x.thunk(), y)
  if (y._tag === "Suspend") return among(x, y.thunk())
  if (x._tag === "Union") return worst(x.types.map((member) => among(member, y)))
  if (y._tag === "Union") return worst(y.types.map((member) => among(x, member)))
  if (!overlaps(SchemaAST.toEncoded(x), SchemaAST.toEncoded(y), 0)) return undefined
  if (x._tag === "Objects" && y._tag === "Objects") return objects(x, y, among)
  if (x._tag === "Arrays" && y._tag === "Arrays") return arrays(x, y, among)
  if (x._tag === "Declaration" && y._tag === "Declaration") {
    const [left, right] = [x.encoding?.[0].to, y.encoding?.[0].to]
    if (left === undefined || right === undefined) return undefined
    return among(left, right) === undefined ? undefined : "inside"
  }
  // Any JSON at all beside something that has keys.
  return holds(x) || holds(y) ? "keys" : undefined
}

type Among = (x: SchemaAST.AST, y: SchemaAST.AST) => Drops

const objects = (x: SchemaAST.Objects, y: SchemaAST.Objects, among: Among): Drops => {
  const indexes = x.indexSignatures.flatMap((left) =>
    y.indexSignatures.map((right) =>
      left.parameter === right.parameter ? among(left.type, right.type) : "keys"
    )
  )
  return worst([
    ...fields(x, y, among),
    ...fields(y, x, among),
    ...indexes,
    keepsAll(x) !== keepsAll(y) ? "keys" : undefined
  ])
}

/** What becomes of the keys of one when the other reads them. */
const fields = (of: SchemaAST.Objects, by: SchemaAST.Objects, among: Among): ReadonlyArray<Drops> =>
  of.propertySignatures.flatMap(({ name, type }): ReadonlyArray<Drops> => {
    if (type._tag === "Never") return []
    const readers = readersOf(by, name)
    return readers.length === 0 ? ["keys"] : readers.map((reader) => among(type, reader))
  })

/** What reads this key of an object. */
export const readersOf = (
  { propertySignatures, indexSignatures }: SchemaAST.Objects,
  key: PropertyKey
): ReadonlyArray<SchemaAST.AST> => {
  const own = propertySignatures.find(({ name }) => name === key)
  if (own !== undefined) return [own.type]
  return indexSignatures
    .filter(({ parameter }) => SchemaParser.is(Schema.make(SchemaAST.toEncoded(parameter)))(key))
    .map(({ type }) => type)
}

/** Whether it keeps keys that it does not name. */
const keepsAll = (ast: SchemaAST.Objects): boolean => ast.indexSignatures.length > 0 || isEmpty(ast)

/** Items at the same place; those behind a rest may stand beside any other. */
const arrays = (x: SchemaAST.Arrays, y: SchemaAST.Arrays, among: Among): Drops => {
  const longest = Math.max(x.elements.length, y.elements.length) + 1
  const places = Array.from({ length: longest }, (_, at) => at)
  const item = ({ elements, rest }: SchemaAST.Arrays, at: number) => elements[at] ?? rest[0]
  const behind = ({ rest }: SchemaAST.Arrays) => rest.slice(1)
  const all = ({ elements, rest }: SchemaAST.Arrays) => [...elements, ...rest]
  const pairs = [
    ...places.map((at) => [item(x, at), item(y, at)] as const),
    ...behind(x).flatMap((left) => all(y).map((right) => [left, right] as const)),
    ...behind(y).flatMap((right) => all(x).map((left) => [left, right] as const))
  ]
  return worst(
    pairs.map(([left, right]) =>
      left === undefined || right === undefined ? undefined : among(left, right)
    )
  )
}

const holds = ({ _tag }: SchemaAST.AST): boolean => _tag === "Objects" || _tag === "Arrays"

const worst = (all: ReadonlyArray<Drops>): Drops =>
  all.find((one) => one === "inside") ?? all.find((one) => one !== undefined)
