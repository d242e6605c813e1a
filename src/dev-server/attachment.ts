/** A process's tie to its project's server: it owns it, or it watches it. */
import { here } from "./process-identity.ts"
import { readLock } from "./lock.ts"
import { idle, lookUntil } from "./poll.ts"
import { probe } from "./probe.ts"
import type { Project } from "./project.ts"
import { readRecord } from "./server-json.ts"
import type { ServerRecord } from "./server-json.ts"
import { unreachable } from "./unreachable.ts"
import { watch } from "./disconnect.ts"

export interface Tie {
  readonly record: ServerRecord
  readonly owner: boolean
  /** The nats-server it was started from, for the owner. */
  readonly binary?: string
  /** Resolves when the server went away, or lost the process that keeps it. */
  readonly gone: Promise<void>
  /** Stops owning (and with it the server) or watching. */
  leave(): Promise<void>
  /** Whoever leaves waits for nothing any more. */
  letGo(): void
}

/** How long a holder of the lock may take until its server answers. */
const joinPatience = 40_000

/** Watches the server, and the lock's holder too: a server whose supervisor was killed goes on with nobody to stop it. */
const observe = (project: Project, record: ServerRecord): Tie => {
  const connection = watch(record.port)
  const left = new AbortController()
  const orphaned = async (): Promise<void> => {
    while (!left.signal.aborted) {
      await idle(2000, left.signal)
      const lock = await readLock(project.directory)
      if (!lock.held || lock.generation !== record.generation) {
        return
      }
    }
  }
  return {
    record,
    owner: false,
    gone: Promise.race([connection.gone, orphaned()]).then(() => connection.stop()),
    leave: async () => {
      left.abort()
      connection.stop()
    },
    letGo: () => {}
  }
}

/**
 * Joins the server another process of the project keeps. `undefined` when nobody holds the lock.
 * While somebody does, a server is being started or stopped, and we wait for the end of that, unless it is over for us.
 */
export const joinServer = async (
  project: Project,
  over: () => boolean
): Promise<Tie | undefined> => {
  const found = await lookUntil(async () => {
    if (over()) {
      return "nobody" as const
    }
    const lock = await readLock(project.directory)
    if (!lock.held) {
      return "nobody" as const
    }
    const record = await readRecord(project)
    if (record?.generation !== lock.generation) {
      return undefined
    }
    const answer = await probe(record.port)
    const ours = answer.kind === "open" && answer.info.server_name === project.serverName
    return ours ? observe(project, record) : undefined
  }, joinPatience)
  if (found === undefined) {
    const { life } = await readLock(project.directory)
    const keeper = life?.where === here() ? `process ${life.pid}` : "another container or host"
    throw unreachable(
      `This project's NATS server is kept by ${keeper}, but does not answer on 127.0.0.1. ` +
        `See ${project.shown}/nats-server.log, end that process, or set NATS_URL to a server that both can reach.`
    )
  }
  return found === "nobody" ? undefined : found
}
