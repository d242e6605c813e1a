/** Where a project begins, and the files its own server lives in. */
import { createHash } from "node:crypto"
import { existsSync, realpathSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { reasonOf, unreachable } from "./unreachable.ts"

export interface Project {
  readonly root: string
  /** `<root>/.arpeggio`: one store for all processes of the project. */
  readonly directory: string
  /** The directory as the user would write it, for messages. */
  readonly shown: string
  readonly store: string
  readonly config: string
  readonly log: string
  readonly record: string
  /** The name its server reports, by which it is told from every other server. */
  readonly serverName: string
}

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

export const projectAt = (directory: string): Project => {
  let start = resolve(directory)
  try {
    // Two paths to one directory must not become two servers on one store.
    start = realpathSync(start)
  } catch (thrown) {
    throw unreachable(
      `Cannot look for a NATS server: no directory "${directory}" (${reasonOf(thrown)}).`
    )
  }
  const root = rootOf(start)
  const own = join(root, ".arpeggio")
  return {
    root,
    directory: own,
    shown: relative(start, own),
    store: join(own, "data"),
    config: join(own, "nats.conf"),
    log: join(own, "nats-server.log"),
    record: join(own, "server.json"),
    serverName: `arpeggio-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`
  }
}

/** Makes `.arpeggio`, which keeps itself out of version control. */
export const prepare = async (project: Project): Promise<void> => {
  try {
    await mkdir(project.directory, { recursive: true })
    await writeFile(join(project.directory, ".gitignore"), "*\n")
  } catch (thrown) {
    throw unreachable(
      `Cannot start a NATS server for this project: ${project.shown} cannot be written (${reasonOf(thrown)}). ` +
        "Make the directory writable, or set NATS_URL to a server that runs already."
    )
  }
}
