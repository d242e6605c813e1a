/** Where a project begins: the folder that gives the namespace its name, and that has the project's own server. */
import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, join } from "node:path"

const lockfiles = [
  "package-lock.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "deno.lock"
]

const holds = (directory: string, name: string): boolean => existsSync(join(directory, name))

/** A home directory under git holds dotfiles, not a project. */
const isRepository = (directory: string): boolean =>
  holds(directory, ".git") && directory !== homedir()

/**
 * Where the project of a directory begins: the nearest lockfile, which all packages of a workspace share; without one, the
 * outermost `package.json` of the repository, or the repository; without a repository, the nearest `package.json`.
 */
export const rootOf = (start: string): string => {
  let nearest: string | undefined
  let outermost: string | undefined
  for (let directory = start; ; directory = dirname(directory)) {
    if (lockfiles.some((name) => holds(directory, name))) return directory
    if (holds(directory, "package.json")) {
      nearest ??= directory
      outermost = directory
    }
    if (isRepository(directory)) return outermost ?? directory
    if (directory === dirname(directory)) return nearest ?? start
  }
}
