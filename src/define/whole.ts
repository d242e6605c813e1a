/**
 * Mends what of a schema would lose data on its way: unions of which one member drops what another keeps, and lists whose
 * items may be undefined, in which a hole would become one.
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { childrenOf } from "./ast.ts"
import { readByAll } from "./every-member.ts"
import { dropsOf } from "./keeping.ts"

/** The same codec, which keeps all of a value. Where it does so as it is, it is the very same. */
export const keepingAll = (codec: SchemaAST.AST): SchemaAST.AST => {
  const all = reachedFrom(codec)
  const mended = new Set([...all].filter((ast) => mends(ast)))
  if (mended.size === 0) return codec
  const known = new Map<SchemaAST.AST, SchemaAST.AST>()
  const rewrite = (ast: SchemaAST.AST): SchemaAST.AST => {
    const done = known.get(ast)
    if (done !== undefined) return done
    const touched = [...reachedFrom(ast)].some((inside) => mended.has(inside))
    const made = touched ? rebuilt(ast, rewrite, mended.has(ast)) : ast
    known.set(ast, made)
    return made
  }
  return rewrite(codec)
}

const reachedFrom = (
  ast: SchemaAST.AST,
  reached: Set<SchemaAST.AST> = new Set()
): Set<SchemaAST.AST> => {
  if (reached.has(ast)) return reached
  reached.add(ast)
  for (const child of childrenOf(ast)) reachedFrom(child, reached)
  return reached
}

const mends = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Union"
    ? dropsOf(ast) !== undefined
    : ast._tag === "Arrays" && [...ast.elements, ...ast.rest].some(allowsUndefined)

const allowsUndefined = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Undefined" ||
  ast._tag === "Void" ||
  (ast._tag === "Union" && ast.types.some(allowsUndefined))

type Rewrite = (ast: SchemaAST.AST) => SchemaAST.AST

/** A node made anew of the parts that `rewrite` gives. */
const rebuilt = (ast: SchemaAST.AST, rewrite: Rewrite, mend: boolean): SchemaAST.AST => {
  const { annotations, checks, context } = ast
  const [first, ...others] = (ast.encoding ?? []).map(
    ({ to, transformation }) => new SchemaAST.Link(rewrite(to), transformation)
  )
  const encoding = first === undefined ? undefined : ([first, ...others] as const)
  switch (ast._tag) {
    case "Objects":
      return new SchemaAST.Objects(
        ast.propertySignatures.map(
          ({ name, type }) => new SchemaAST.PropertySignature(name, rewrite(type))
        ),
        ast.indexSignatures.map(
          ({ parameter, type }) => new SchemaAST.IndexSignature(parameter, rewrite(type))
        ),
        annotations,
        checks,
        encoding,
        context,
        ast.encodingChecks
      )
    case "Arrays":
      return new SchemaAST.Arrays(
        ast.isMutable,
        ast.elements.map(rewrite),
        ast.rest.map(rewrite),
        annotations,
        mend ? [withoutHoles, ...(checks ?? [])] : checks,
        encoding,
        context,
        ast.encodingChecks
      )
    case "Union": {
      const types = ast.types.map(rewrite)
      if (mend) return readByAll(ast, types, encoding)
      const { options, encodingChecks } = ast
      return new SchemaAST.Union(
        types,
        options,
        annotations,
        checks,
        encoding,
        context,
        encodingChecks
      )
    }
    case "Declaration":
      return new SchemaAST.Declaration(
        ast.typeParameters.map(rewrite),
        ast.run,
        annotations,
        checks,
        encoding,
        context,
        ast.encodingChecks,
        ast.encodingRun
      )
    case "Suspend": {
      let inside: SchemaAST.AST | undefined
      const thunk = (): SchemaAST.AST => (inside ??= rewrite(ast.thunk()))
      return new SchemaAST.Suspend(thunk, annotations, undefined, encoding, context)
    }
    default:
      return ast
  }
}

const withoutHoles = Schema.makeFilter<ReadonlyArray<unknown>>(
  (list) => {
    for (let at = 0; at < list.length; at++) if (!(at in list)) return false
    return true
  },
  { expected: "a list without holes, which would arrive as items" }
)
