/** Reads what the package exports: names, what was written about each, and what each looks like. */
import ts from "typescript-5.9"
import {
  type Choices,
  type Entry,
  type Field,
  type Method,
  type Way,
  wayOf,
  wordsOf
} from "./entry.ts"
import { choicesOfError, choicesOfList, fieldsOfError, isErrorClass } from "./error-fields.ts"
import { callText, foundText, memberName, shapeText, typeText } from "./print.ts"

const entries = {
  arpeggio: "src/index.ts",
  "arpeggio/contract": "src/contract.ts",
  "arpeggio/testing": "src/testing/index.ts"
}

/** Errors that have one of several words in a field whose type is any text. */
const listed: {
  readonly [error: string]: { readonly field: string; readonly file: string; readonly list: string }
} = {
  TaskCrashed: { field: "thrown.name", file: "src/encode/crash-names.ts", list: "crashNames" }
}

/** What an object is called in examples, where not as its type. */
const called: { readonly [type: string]: string } = {
  TestApp: "app",
  TestedStarts: "app",
  StepContext: "step()",
  DeadLetters: "app.deadLetters",
  ClientService: "client",
  EffectRun: "run",
  EffectDeadLetters: "client.deadLetters",
  MemoryServer: "server",
  MemoryClock: "server.clock"
}

const isPublic = (name: string): boolean => !name.startsWith("~") && !name.startsWith("[")

/** The public ways to call a function: the last declaration of several has the body, and nobody sees it. */
const waysOf = (name: string, declarations: ReadonlyArray<ts.FunctionDeclaration>): Array<Way> =>
  declarations
    .filter(({ body }) => body === undefined || declarations.length === 1)
    .map((declaration) => wayOf(callText(name, declaration), declaration))

export const read = (root: string): ReadonlyMap<string, Entry> => {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const files = Object.values(entries).map((file) => `${root}/${file}`)
  const program = ts.createProgram(files, { ...options, noEmit: true })
  const checker = program.getTypeChecker()

  const found = new Map<string, { readonly symbol: ts.Symbol; readonly from: Array<string> }>()

  /** What a name that nobody can import stands for; anything else as it is written. */
  const writtenOut = (node: ts.TypeNode): string => {
    if (ts.isIndexedAccessTypeNode(node)) {
      return foundText(checker.typeToString(checker.getTypeAtLocation(node)))
    }
    if (ts.isTypeReferenceNode(node) && !found.has(node.typeName.getText())) {
      const symbol = checker.getSymbolAtLocation(node.typeName)
      const real =
        symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const declared = real?.declarations?.[0]
      if (
        declared !== undefined &&
        ts.isTypeAliasDeclaration(declared) &&
        ts.isLiteralTypeNode(declared.type)
      ) {
        return typeText(declared.type)
      }
    }
    return typeText(node)
  }

  /** What `typeof x` stands for: how it is called, or its type. */
  const valueText = (name: string, node: ts.TypeQueryNode): string => {
    const declared = checker.getSymbolAtLocation(node.exprName)?.valueDeclaration
    if (declared === undefined || !ts.isVariableDeclaration(declared)) return name
    const { initializer, type } = declared
    if (initializer !== undefined && ts.isArrowFunction(initializer)) {
      return callText(name, initializer)
    }
    return type === undefined ? name : `${name}: ${typeText(type)}`
  }

  const membersOf = (owner: string, members: ReadonlyArray<ts.TypeElement>) => {
    const fields: Array<Field> = []
    const methods = new Map<string, Array<Way>>()
    const add = (name: string, way: Way): void =>
      void methods.set(name, [...(methods.get(name) ?? []), way])
    for (const member of members) {
      const name = memberName(member)
      if (ts.isCallSignatureDeclaration(member)) {
        add(owner, wayOf(callText(owner, member), member))
      } else if (!isPublic(name)) continue
      else if (ts.isMethodSignature(member)) {
        add(`${owner}.${name}`, wayOf(callText(`${owner}.${name}`, member), member))
      } else if (ts.isPropertySignature(member) && member.type !== undefined) {
        const optional = member.questionToken === undefined ? "" : "?"
        if (ts.isFunctionTypeNode(member.type) && optional === "") {
          add(`${owner}.${name}`, wayOf(callText(`${owner}.${name}`, member.type), member))
        } else if (ts.isTypeQueryNode(member.type)) {
          add(`${owner}.${name}`, wayOf(valueText(`${owner}.${name}`, member.type), member))
        } else {
          const type = writtenOut(member.type)
          fields.push({ ...wordsOf(member), name: `${name}${optional}`, type })
        }
      }
    }
    return { fields, methods: [...methods].map(([name, ways]) => ({ name, ways })) }
  }

  const staticsOf = (
    name: string,
    members: ReadonlyArray<ts.ClassElement | ts.TypeElement>
  ): ReadonlyArray<Method> =>
    members.filter(ts.isPropertyDeclaration).flatMap((member) => {
      const full = `${name}.${memberName(member)}`
      const call = member.initializer
      return call !== undefined && ts.isArrowFunction(call)
        ? [{ name: full, ways: [wayOf(callText(full, call), member)] }]
        : []
    })

  const choicesOf = (name: string, node: ts.ClassDeclaration): ReadonlyArray<Choices> => {
    const own = choicesOfError(node, checker)
    const { field, file, list } = listed[name] ?? {}
    if (field === undefined) return own
    const choices = choicesOfList(program.getSourceFile(`${root}/${file}`)!, list!, checker)
    return [...own, { field, choices }]
  }

  const entryOf = (name: string, symbol: ts.Symbol, from: ReadonlyArray<string>): Entry => {
    const declarations = symbol.declarations ?? []
    const functions = declarations.filter(ts.isFunctionDeclaration)
    const none = {
      ways: [],
      shape: "",
      parameters: [],
      extends: [],
      fields: [],
      isError: false,
      choices: [],
      methods: [],
      statics: []
    }
    const head = { name, from, ...wordsOf(...declarations) }
    if (functions.length > 0) {
      return { ...head, ...none, kind: "function", ways: waysOf(name, functions) }
    }
    const parts = declarations.map((node): Partial<Entry> => {
      if (ts.isClassDeclaration(node)) {
        const statics = staticsOf(name, node.members)
        return {
          kind: "class",
          isError: isErrorClass(node),
          fields: fieldsOfError(node, checker),
          choices: choicesOf(name, node),
          statics
        }
      }
      if (ts.isInterfaceDeclaration(node)) {
        const owner = called[name] ?? name[0]!.toLowerCase() + name.slice(1)
        const bases = node.heritageClauses?.flatMap(({ types }) => [...types]) ?? []
        const { fields, methods } = membersOf(owner, [...node.members])
        return {
          kind: "interface",
          parameters: node.typeParameters?.map((one) => one.name.text) ?? [],
          extends: bases.map((base) => typeText(base)),
          fields,
          methods
        }
      }
      if (ts.isTypeAliasDeclaration(node)) return { shape: shapeText(node) }
      if (!ts.isVariableDeclaration(node)) return {}
      const { initializer, type } = node
      if (initializer !== undefined && ts.isArrowFunction(initializer)) {
        return { kind: "function", ways: [wayOf(callText(name, initializer), node)] }
      }
      return type !== undefined && ts.isTypeLiteralNode(type)
        ? { statics: membersOf(name, [...type.members]).methods }
        : {}
    })
    return Object.assign({ ...head, ...none, kind: "type" as const }, ...parts) as Entry
  }

  for (const [entry, file] of Object.entries(entries)) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(`${root}/${file}`)!)!
    for (const exported of checker.getExportsOfModule(module)) {
      const alias = exported.flags & ts.SymbolFlags.Alias
      const symbol = alias ? checker.getAliasedSymbol(exported) : exported
      const known = found.get(exported.name)
      if (known === undefined) found.set(exported.name, { symbol, from: [entry] })
      else known.from.push(entry)
    }
  }
  return new Map([...found].map(([name, { symbol, from }]) => [name, entryOf(name, symbol, from)]))
}
