/** What every part of the check is made of: commands with a limit, expectations, and what was left out. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"

/** For one command, in milliseconds: an install over a slow line takes a minute. */
const patience = 180_000

/** Runs a command, and gives back what it wrote on standard output. Rejects with all that it wrote when it fails or takes too long. */
export const run = async (
  command: string,
  words: ReadonlyArray<string>,
  cwd: string,
  environment: NodeJS.ProcessEnv = process.env
): Promise<string> => {
  console.log(`$ ${[command.replace(/^.*\//, ""), ...words].join(" ")}`)
  try {
    const { stdout } = await promisify(execFile)(command, [...words], {
      cwd,
      env: environment,
      timeout: patience,
      maxBuffer: 64 * 1024 * 1024
    })
    return stdout
  } catch (cause) {
    const { stdout, stderr } = cause as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${command} ${words.join(" ")} failed:\n${stdout ?? ""}${stderr ?? ""}`, {
      cause
    })
  }
}

export const ok = (what: string): void => {
  console.log(`ok: ${what}`)
}

export const expect = (what: string, found: unknown, wanted: unknown): void => {
  if (found !== wanted) throw new Error(`${what}: ${String(found)} instead of ${String(wanted)}`)
  ok(what)
}

const left: Array<string> = []

/** Says at once and once more at the end what could not be had here. */
export const skip = (what: string, why: string): void => {
  left.push(`${what} (${why})`)
  console.log(`skipped: ${what} (${why})`)
}

export const skipped = (): ReadonlyArray<string> => left

export const jsonIn = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"))
