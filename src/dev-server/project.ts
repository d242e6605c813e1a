/** The files that a project's own server lives in. */
import { createHash } from "node:crypto"
import { realpathSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join, relative, resolve } from "node:path"
import { rootOf } from "../nats/project-root.ts"
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
