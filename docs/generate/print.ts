/** Prints declarations as they are read: without the checks by which the compiler words its errors, and without modifiers. */
import ts from "typescript-5.9"

/** What stands for the type that it checks. */
const checks = new Set(
  `Runnable EachRunnable Chosen Whole NeedsNothing Body Served Steps Arguments Accepts AcceptsOrNeedsNothing Fallbacks
   PassedSchema TaskName Given Readable NoInfer InputElements OutputSchema ErrorElements Named RetriedOn CallRetriedOn Inside`
    .trim()
    .split(/\s+/)
)

/** Where the second type is what is asked for. */
const second = new Set(["Fallbacks"])

/** What adds nothing for a reader to what it stands beside. */
const unread = new Set(["Keeps", "OnCallsOnly"])

const nameOf = (node: ts.TypeNode): string =>
  ts.isTypeReferenceNode(node) ? node.typeName.getText() : ""

const simpler: ts.TransformerFactory<ts.Node> = (context) => {
  const visit = (node: ts.Node): ts.Node | undefined => {
    if (node.kind === ts.SyntaxKind.ReadonlyKeyword && !ts.isTypeOperatorNode(node.parent)) {
      return undefined
    }
    if (ts.isTypeReferenceNode(node)) {
      const name = nameOf(node)
      const [first, other] = node.typeArguments ?? []
      if (name === "HowLong") return context.factory.createTypeReferenceNode("HowLong")
      if (name === "ServedMore" && other !== undefined) {
        return context.factory.createUnionTypeNode([first!, other])
      }
      const asked = second.has(name) ? other : first
      if (checks.has(name) && asked !== undefined) return ts.visitNode(asked, visit)
    }
    if (ts.isIntersectionTypeNode(node)) {
      const types = node.types.filter((type) => !unread.has(nameOf(type)))
      if (types.length === 1) return ts.visitNode(types[0]!, visit)
    }
    // `[H] extends [AnyWorkflow] ? … : …`, where a parameter is checked by its kind.
    if (ts.isConditionalTypeNode(node) && ts.isTupleTypeNode(node.checkType)) {
      const [checked] = node.checkType.elements
      if (ts.isParameter(node.parent) && checked !== undefined) return ts.visitNode(checked, visit)
    }
    return ts.visitEachChild(node, visit, context)
  }
  return (node) => ts.visitNode(node, visit)!
}

const printer = ts.createPrinter({ removeComments: true })

const printed = (node: ts.Node): string => {
  const { transformed } = ts.transform(node, [simpler])
  return printer.printNode(ts.EmitHint.Unspecified, transformed[0]!, node.getSourceFile())
}

const inOneLine = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/([<([]) /g, "$1")
    .replaceAll(/(?<!=) ([>)\]])/g, "$1")
    .replaceAll(/;( })/g, "$1")

/** As long as a line of code is at most. */
const width = 90

/** A type as the compiler says it: choices between texts in an order that does not hang on what else there is. */
export const foundText = (text: string): string => {
  const choices = text.split(" | ").filter((choice) => choice !== "undefined")
  return choices.every((choice) => /^"[^"]*"$/.test(choice))
    ? choices.toSorted().join(" | ")
    : choices.join(" | ")
}

/** A type in one line. */
export const typeText = (node: ts.Node): string => inOneLine(printed(node))

const parametersText = (given: ReadonlyArray<ts.TypeParameterDeclaration> | undefined): string =>
  given === undefined ? "" : `<${given.map(({ name }) => name.text).join(", ")}>`

/** What a type is made of, as it stands there; "" where the compiler works it out, which says nothing to a reader. */
export const shapeText = (node: ts.TypeAliasDeclaration): string => {
  const { name, type } = node
  if (ts.isConditionalTypeNode(type)) return ""
  const head = `type ${name.text}${parametersText(node.typeParameters)} =`
  const line = `${head} ${inOneLine(type.getText())}`
  if (line.length <= width) return line
  if (!ts.isUnionTypeNode(type)) return ""
  const choices = type.types.map((choice) => inOneLine(choice.getText()))
  return [head, ...choices.map((choice) => `  | ${choice}`)].join("\n")
}

export const memberName = (node: ts.NamedDeclaration): string => {
  const { name } = node
  if (name === undefined) return ""
  return ts.isStringLiteral(name) ? name.text : name.getText()
}

/** How something is called: `chain<S>(...steps: S): …`. */
export const callText = (name: string, node: ts.SignatureDeclaration): string => {
  const types = node.typeParameters?.map(({ name }) => name.text) ?? []
  const parameters = node.parameters.map((parameter) => {
    const { dotDotDotToken, initializer, questionToken, type } = parameter
    const rest = dotDotDotToken === undefined ? "" : "..."
    const optional = initializer === undefined && questionToken === undefined ? "" : "?"
    const written = type === undefined ? "" : `: ${typeText(type)}`
    return `${rest}${parameter.name.getText()}${optional}${written}`
  })
  const gives = node.type === undefined ? "" : `: ${typeText(node.type)}`
  const head = `${name}${types.length === 0 ? "" : `<${types.join(", ")}>`}`
  const line = `${head}(${parameters.join(", ")})${gives}`
  if (line.length <= width || parameters.length === 0) return line
  return `${head}(\n${parameters.map((parameter) => `  ${parameter}`).join(",\n")}\n)${gives}`
}
