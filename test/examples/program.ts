/** Runs an example as a user would: a process of its own, whose output is read. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath, pathToFileURL } from "node:url"
import { bundled, bundleTogether } from "../bundle.ts"

export const root = fileURLToPath(new URL("../..", import.meta.url))
const tsx = pathToFileURL(`${root}/node_modules/tsx/dist/loader.mjs`).href

export interface Program {
  readonly process: ChildProcess
  readonly output: ReadonlyArray<string>
  readonly notices: ReadonlyArray<string>
  /** The exit code, or the signal that ended it, when all it printed has been read. */
  readonly ended: Promise<number | string>
  /** Resolves when it has printed a notice with this text. */
  noticed(text: string): Promise<void>
  stop(): Promise<void>
}

const looksBesideItself = (program: string): boolean =>
  readFileSync(program, "utf8").includes("import.meta.url")

/** What Node is told to run: a bundle, or the program itself through tsx where it looks for files beside itself. */
const runnable = (path: string): ReadonlyArray<string> => {
  const program = join(root, path)
  return looksBesideItself(program) ? ["--import", tsx, program] : [bundled(program)]
}

/** Bundles programs that will be started, given by their paths in this repository. */
export const prepare = (paths: ReadonlyArray<string>): void =>
  bundleTogether(
    paths.map((path) => join(root, path)).filter((program) => !looksBesideItself(program))
  )

/** Starts a program of this repository, given by its path in it. */
export const startProgram = (
  path: string,
  environment: NodeJS.ProcessEnv,
  words: ReadonlyArray<string> = [],
  directory: string = root
): Program => {
  const child = spawn(process.execPath, [...runnable(path), ...words], {
    cwd: directory,
    env: { ...environment, TSX_TSCONFIG_PATH: `${root}/tsconfig.json` },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const output: Array<string> = []
  const notices: Array<string> = []
  createInterface({ input: child.stdout }).on("line", (line) => output.push(line))
  const errors = createInterface({ input: child.stderr }).on("line", (line) => notices.push(line))
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string)
  return {
    process: child,
    output,
    notices,
    ended,
    noticed: async (text) => {
      while (!notices.some((notice) => notice.includes(text))) {
        const more = await Promise.race([once(errors, "line"), ended])
        if (!Array.isArray(more))
          throw new Error(`${path} ended with ${more}: ${notices.join("\n")}`)
      }
    },
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    }
  }
}

/** Runs a program to its end and gives what it printed; throws when it fails. */
export const outputOf = async (
  path: string,
  environment: NodeJS.ProcessEnv,
  words: ReadonlyArray<string> = []
): Promise<string> => {
  const program = startProgram(path, environment, words)
  const code = await program.ended
  if (code === 0) return program.output.join("\n")
  throw new Error(`${path} ended with ${code}:\n${program.notices.join("\n")}`)
}

/** What a program says that it prints: the comment lines after `// Output:`. */
export const promisedOutput = (path: string): string => {
  const [, block] = readFileSync(`${root}/${path}`, "utf8").split("\n// Output:\n")
  if (block === undefined) throw new Error(`${path} does not end in an // Output: block`)
  return block
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n")
}
