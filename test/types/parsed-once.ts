/** Programs of TypeScript 5.9 within this process: what several of them have in common is parsed once, which is most of their work. */
import { fileURLToPath } from "node:url"
import ts from "typescript-5.9"

const root = fileURLToPath(new URL("../..", import.meta.url))

const parsed = new Map<string, ts.SourceFile | undefined>()

/** A program that is given these files; what lies in `changing` is read again each time. */
export const programOf = (
  files: ReadonlyArray<string>,
  options: ts.CompilerOptions,
  changing: string
): ts.Program => {
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (file, language, ...more) => {
    if (file.startsWith(changing)) return read(file, language, ...more)
    // How a file is read depends on whether it is a module, which its place decides.
    const as = typeof language === "object" ? language.impliedNodeFormat : undefined
    const key = `${as} ${file}`
    if (!parsed.has(key)) parsed.set(key, read(file, language, ...more))
    return parsed.get(key)
  }
  return ts.createProgram(files, options, host)
}

/** The options of tsconfig.json. */
export const usualOptions = (): ts.CompilerOptions => {
  const path = `${root}/tsconfig.json`
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file))
  return ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root).options
}

/** What it costs to check one file, of the rest no more than the file needs. Throws when it has an error. */
export const instantiationsOf = (file: string, changing: string): number => {
  const program = programOf([file], usualOptions(), changing)
  const own = program.getSourceFile(file)
  const errors = [...program.getOptionsDiagnostics(), ...program.getSemanticDiagnostics(own)]
  if (errors.length > 0) {
    const place = {
      getCurrentDirectory: () => root,
      getCanonicalFileName: (name: string) => name,
      getNewLine: () => "\n"
    }
    throw new Error(ts.formatDiagnostics(errors, place))
  }
  return program.getInstantiationCount()
}
