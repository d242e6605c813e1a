/** Programs of TypeScript 5.9 within this process: what several of them have in common is parsed once, which is most of their work. */
import { dirname } from "node:path"
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

/** What the compiler has to say of these files; of those that they import, no more is checked than that needs. */
const findings = (
  program: ts.Program,
  files: ReadonlyArray<string>
): ReadonlyArray<ts.Diagnostic> => {
  const own = files.map((file) => program.getSourceFile(file))
  return [
    ...program.getOptionsDiagnostics(),
    ...own.flatMap((file) => program.getSyntacticDiagnostics(file)),
    ...own.flatMap((file) => program.getSemanticDiagnostics(file))
  ]
}

/** As `tsc` prints them that runs in this folder. */
const printed = (found: ReadonlyArray<ts.Diagnostic>, folder: string): string =>
  ts.formatDiagnostics(found, {
    getCurrentDirectory: () => folder,
    getCanonicalFileName: (name) => name,
    getNewLine: () => "\n"
  })

/** The program of a project whose own files lie beside its `tsconfig.json`, and what is wrong with that. */
const projectOf = (config: string) => {
  const read = ts.getParsedCommandLineOfConfigFile(
    config,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (found) => {
        throw new Error(printed([found], root))
      }
    }
  )!
  const program = programOf(read.fileNames, read.options, dirname(config))
  return { program, found: [...read.errors, ...findings(program, read.fileNames)] }
}

/** What `tsc` prints in this folder of the files of a project. */
export const errorsIn = (config: string, folder: string = root): string =>
  printed(projectOf(config).found, folder)

/** Emits the files of a project, and gives what `tsc` prints. */
export const emitting = (config: string): string => {
  const { program, found } = projectOf(config)
  const { diagnostics } = program.emit()
  return printed(ts.sortAndDeduplicateDiagnostics([...found, ...diagnostics]), root)
}

/** What it costs to check one file, of the rest no more than the file needs. Throws when it has an error. */
export const instantiationsOf = (file: string, changing: string): number => {
  const program = programOf([file], usualOptions(), changing)
  const errors = findings(program, [file])
  if (errors.length > 0) throw new Error(printed(errors, root))
  return program.getInstantiationCount()
}
