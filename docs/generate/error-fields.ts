/** The fields of an error, as they stand in its class, and the words that a field of it may have. */
import ts from "typescript-5.9"
import { type Choice, type Choices, type Field, wordsOf } from "./entry.ts"
import { foundText } from "./print.ts"

/** What `class X extends Schema.TaggedError<X>()("X", fields)` is made from. */
const baseOf = (node: ts.ClassDeclaration): ts.CallExpression | undefined => {
  const base = node.heritageClauses?.[0]?.types[0]?.expression
  return base !== undefined && ts.isCallExpression(base) ? base : undefined
}

export const isErrorClass = (node: ts.ClassDeclaration): boolean =>
  baseOf(node)?.expression.getText().startsWith("Schema.TaggedError") === true

/** What a name stands for where it is declared, be it in another file. */
const initializerOf = (given: ts.Node, checker: ts.TypeChecker): ts.Expression | undefined => {
  const symbol = checker.getSymbolAtLocation(given)
  const real =
    symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const declared = real?.valueDeclaration
  return declared !== undefined && ts.isVariableDeclaration(declared)
    ? declared.initializer
    : undefined
}

/** The properties that an error is given, those that are spread among them. */
const propertiesIn = (
  given: ts.Node | undefined,
  checker: ts.TypeChecker
): ReadonlyArray<ts.PropertyAssignment> => {
  if (given === undefined) return []
  if (ts.isIdentifier(given)) return propertiesIn(initializerOf(given, checker), checker)
  if (!ts.isObjectLiteralExpression(given)) return []
  return given.properties.flatMap((property) => {
    if (ts.isSpreadAssignment(property)) return propertiesIn(property.expression, checker)
    return ts.isPropertyAssignment(property) ? [property] : []
  })
}

const propertiesOf = (
  node: ts.ClassDeclaration,
  checker: ts.TypeChecker
): ReadonlyArray<ts.PropertyAssignment> => propertiesIn(baseOf(node)?.arguments[1], checker)

export const fieldsOfError = (
  node: ts.ClassDeclaration,
  checker: ts.TypeChecker
): ReadonlyArray<Field> => {
  const whole = checker.getTypeAtLocation(node)
  return propertiesOf(node, checker).map((property): Field => {
    const name = property.name.getText()
    const symbol = whole.getProperty(name)!
    const optional = symbol.flags & ts.SymbolFlags.Optional ? "?" : ""
    const { NoTruncation } = ts.TypeFormatFlags
    const text = checker.typeToString(checker.getTypeOfSymbol(symbol), node, NoTruncation)
    // What was thrown is the same everywhere, and has a name.
    const type = name === "thrown" ? "Thrown" : foundText(text)
    return Object.assign({ name: `${name}${optional}`, type }, wordsOf(property))
  })
}

/** What stands above a word in a list: comments of literals belong to nobody, so they are read as if a name stood there. */
const choiceOf = (element: ts.StringLiteral): Choice => {
  const whole = element.getSourceFile().text
  const ranges = ts.getLeadingCommentRanges(whole, element.getFullStart()) ?? []
  const comment = ranges.map(({ pos, end }) => whole.slice(pos, end)).join("\n")
  const alone = ts.createSourceFile("one.ts", `${comment}\nlet one`, ts.ScriptTarget.Latest, true)
  return Object.assign({ name: element.text }, wordsOf(alone.statements[0]!))
}

/** The words of a list, or of a schema of them. */
const choicesIn = (given: ts.Node | undefined, checker: ts.TypeChecker): ReadonlyArray<Choice> => {
  if (given === undefined) return []
  if (ts.isIdentifier(given)) return choicesIn(initializerOf(given, checker), checker)
  if (ts.isAsExpression(given)) return choicesIn(given.expression, checker)
  if (ts.isCallExpression(given) && given.expression.getText() === "Schema.Literals") {
    return choicesIn(given.arguments[0], checker)
  }
  return ts.isArrayLiteralExpression(given)
    ? given.elements.filter(ts.isStringLiteral).map(choiceOf)
    : []
}

/** The fields of an error that have one of several words, with what each word means. */
export const choicesOfError = (
  node: ts.ClassDeclaration,
  checker: ts.TypeChecker
): ReadonlyArray<Choices> =>
  propertiesOf(node, checker).flatMap((property) => {
    const choices = choicesIn(property.initializer, checker)
    return choices.length === 0 ? [] : [{ field: property.name.getText(), choices }]
  })

/** The words of a list that a file has. */
export const choicesOfList = (
  file: ts.SourceFile,
  name: string,
  checker: ts.TypeChecker
): ReadonlyArray<Choice> => {
  const declared = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .find((declaration) => declaration.name.getText() === name)
  return choicesIn(declared?.initializer, checker)
}
