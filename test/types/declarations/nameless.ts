/** Which interfaces the public ones lead to that have no public name themselves. */
import ts from "typescript-5.9"
import { programOf } from "../parsed-once.ts"

/** As `Counters of WorkerHealth`, for the built declarations in a folder. */
export const nameless = (dist: string): ReadonlyArray<string> => {
  const entries = [`${dist}/index.d.ts`, `${dist}/testing/index.d.ts`]
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    types: ["node"]
  }
  const program = programOf(entries, options, dist)
  const checker = program.getTypeChecker()
  const meant = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const waiting = entries.flatMap((entry) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
      .map(meant)
  )
  const known = new Set(waiting)
  const found: Array<string> = []
  const visit = (node: ts.Node, owner: ts.Symbol): void => {
    const named = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined
    const symbol = named === undefined ? undefined : meant(named)
    const declaration = symbol?.declarations?.[0]
    if (
      symbol !== undefined &&
      declaration?.getSourceFile().fileName.startsWith(dist) === true &&
      (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)) &&
      !known.has(symbol)
    ) {
      known.add(symbol)
      waiting.push(symbol)
      if (ts.isInterfaceDeclaration(declaration)) found.push(`${symbol.name} of ${owner.name}`)
    }
    ts.forEachChild(node, (child) => visit(child, owner))
  }
  for (let symbol = waiting.pop(); symbol !== undefined; symbol = waiting.pop()) {
    for (const declaration of symbol.declarations ?? []) {
      if (declaration.getSourceFile().fileName.startsWith(dist)) visit(declaration, symbol)
    }
  }
  return found
}
