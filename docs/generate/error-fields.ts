/** The fields of an error, as they stand in its class. */
import ts from "typescript-5.9"
import { type Field, wordsOf } from "./entry.ts"
import { foundText } from "./print.ts"

export const fieldsOfError = (
  node: ts.ClassDeclaration,
  checker: ts.TypeChecker
): ReadonlyArray<Field> => {
  const whole = checker.getTypeAtLocation(node)
  const field = (property: ts.PropertyAssignment): Field => {
    const name = property.name.getText()
    const symbol = whole.getProperty(name)!
    const optional = symbol.flags & ts.SymbolFlags.Optional ? "?" : ""
    const { NoTruncation } = ts.TypeFormatFlags
    const text = checker.typeToString(checker.getTypeOfSymbol(symbol), node, NoTruncation)
    // What was thrown is the same everywhere, and has a name.
    const type = name === "thrown" ? "Thrown" : foundText(text)
    return Object.assign({ name: `${name}${optional}`, type }, wordsOf(property))
  }
  const fieldsIn = (given: ts.Node | undefined): ReadonlyArray<Field> => {
    if (given === undefined) return []
    if (ts.isIdentifier(given)) {
      const declared = checker.getSymbolAtLocation(given)?.valueDeclaration
      return declared !== undefined && ts.isVariableDeclaration(declared)
        ? fieldsIn(declared.initializer)
        : []
    }
    if (!ts.isObjectLiteralExpression(given)) return []
    return given.properties.flatMap((property) => {
      if (ts.isSpreadAssignment(property)) return fieldsIn(property.expression)
      return ts.isPropertyAssignment(property) ? [field(property)] : []
    })
  }
  const base = node.heritageClauses?.[0]?.types[0]?.expression
  return fieldsIn(base !== undefined && ts.isCallExpression(base) ? base.arguments[1] : undefined)
}
