/** Runs the TypeScript compilers that users have. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

export const compilers = ["typescript", "typescript-5.9"] as const
export type Compiler = (typeof compilers)[number]

/** What the compiler prints, whether it is content or not. */
export const compile = (compiler: Compiler, ...flags: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const program = `node_modules/${compiler}/bin/tsc`
    execFile(
      process.execPath,
      [program, "--noEmit", "--pretty", "false", ...flags],
      { cwd: root },
      (error, stdout, stderr) => {
        if (error !== null && stdout === "") reject(new Error(`${program} failed: ${stderr}`))
        else resolve(stdout)
      }
    )
  })
