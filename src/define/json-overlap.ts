/** Whether some JSON value fits two encoded schemas. Says yes when it cannot tell. */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"

const deepest = 12

export const overlaps = (x: SchemaAST.AST, y: SchemaAST.AST, depth: number): boolean => {
  if (depth > deepest) return true
  if (x._tag === "Never" || y._tag === "Never") return false
  if (x._tag === "Suspend") return overlaps(x.thunk(), y, depth + 1)
  if (y._tag === "Suspend") return overlaps(x, y.thunk(), depth + 1)
  if (x._tag === "Union") return x.types.some((member) => overlaps(member, y, depth + 1))
  if (y._tag === "Union") return y.types.some((member) => overlaps(x, member, depth + 1))
  if (x._tag === "Literal" && y._tag === "Literal") return x.literal === y.literal
  if (x._tag === "Literal") return fits(x.literal, y)
  if (y._tag === "Literal") return fits(y.literal, x)
  if (x._tag === "Enum") return x.enums.some(([, value]) => fits(value, y))
  if (y._tag === "Enum") return y.enums.some(([, value]) => fits(value, x))
  if (isEmpty(x) || isEmpty(y)) return x._tag !== "Null" && y._tag !== "Null"
  if (x._tag === "Objects" && y._tag === "Objects") return objectsOverlap(x, y, depth)
  if (x._tag === "Arrays" && y._tag === "Arrays") return arraysOverlap(x, y, depth)
  return x._tag === y._tag || isText(x, y) || x._tag === "Declaration" || y._tag === "Declaration"
}

const fits = (literal: SchemaAST.LiteralValue, ast: SchemaAST.AST): boolean =>
  SchemaParser.is(Schema.make(ast))(literal)

const isText = (...nodes: ReadonlyArray<SchemaAST.AST>): boolean =>
  nodes.every(({ _tag }) => _tag === "String" || _tag === "TemplateLiteral")

/** `{}` takes anything there is, as it is. */
export const isEmpty = (ast: SchemaAST.AST): boolean =>
  ast._tag === "Objects" && ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0

/** Apart as soon as one key that both require holds different things: a tag, usually. */
const objectsOverlap = (x: SchemaAST.Objects, y: SchemaAST.Objects, depth: number): boolean =>
  !x.propertySignatures.some((left) =>
    y.propertySignatures.some(
      (right) =>
        left.name === right.name &&
        left.type.context?.isOptional !== true &&
        right.type.context?.isOptional !== true &&
        !overlaps(left.type, right.type, depth + 1)
    )
  )

const arraysOverlap = (x: SchemaAST.Arrays, y: SchemaAST.Arrays, depth: number): boolean =>
  least(x) <= most(y) &&
  least(y) <= most(x) &&
  !x.elements.some(
    (left, at) => y.elements[at] !== undefined && !overlaps(left, y.elements[at], depth + 1)
  )

/** How many items there are in the shortest and the longest list it takes. */
const least = ({ elements, rest }: SchemaAST.Arrays): number =>
  elements.filter(({ context }) => context?.isOptional !== true).length +
  Math.max(0, rest.length - 1)
const most = ({ elements, rest }: SchemaAST.Arrays): number =>
  rest.length === 0 ? elements.length : Infinity
