/** A process's attachment to its project's server: a connection to the supervisor, which runs the server while there is any. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { readLock } from "./lock.ts"
import { lookUntil } from "./poll.ts"
import { probe } from "./probe.ts"
import { here, type ProcessIdentity } from "./process-identity.ts"
import type { Project } from "./project.ts"
import { readRecord } from "./server-json.ts"
import type { ServerRecord } from "./server-json.ts"
import { unreachable } from "./unreachable.ts"

export interface Attachment {
  readonly record: ServerRecord
  /** Resolves when the supervisor has ended, and with it the server; or when this process has left. */
  readonly gone: Promise<void>
  /** Asks for the server's end, and waits for it: `false` when another process needs it. */
  end(): Promise<boolean>
  leave(): void
}

/** How long a supervisor may take to say who it is, in milliseconds. */
const greetingPatience = 1_000

/** How long a holder of the lock may take until its server answers. */
const joinPatience = 40_000

/** The connection, once the supervisor has said that it is the one. */
const enter = (port: number, supervisor: ProcessIdentity): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port })
    let text = ""
    const decide = (isIt: boolean): void => {
      clearTimeout(timer)
      socket.off("data", read)
      socket.off("close", refused)
      if (!isIt) socket.destroy()
      resolve(isIt ? socket : undefined)
    }
    const read = (chunk: Buffer): void => {
      text += chunk.toString("utf8")
      if (text.includes("\n")) decide(text === `${JSON.stringify(supervisor)}\n`)
    }
    const refused = (): void => decide(false)
    const timer = setTimeout(refused, greetingPatience)
    socket.on("error", () => socket.destroy())
    socket.on("data", read)
    socket.on("close", refused)
  })

/** What a connection to the supervisor is to this process, which it does not keep alive. */
export const attachmentBy = (socket: Socket, record: ServerRecord): Attachment => {
  const gone = new Promise<void>((resolve) => {
    if (socket.destroyed) resolve()
    else socket.once("close", () => resolve())
  })
  // Nothing more is said, but what is not read hides that the other end has closed.
  socket.resume()
  socket.unref()
  return {
    record,
    gone,
    end: async () => {
      const refused = once(socket, "data").then(
        () => false,
        () => true
      )
      socket.ref()
      socket.write("end\n")
      const ended = await Promise.race([gone.then(() => true), refused])
      socket.unref()
      return ended
    },
    leave: () => void socket.destroy()
  }
}

/** Joins the server that runs already, if it answers as ours. */
const joinRunning = async (
  project: Project,
  record: ServerRecord,
  supervisor: ProcessIdentity
): Promise<Attachment | undefined> => {
  const socket = await enter(record.supervisor.port, supervisor)
  if (socket === undefined) return undefined
  const attachment = attachmentBy(socket, record)
  const answer = await probe(record.port)
  if (answer.kind === "open" && answer.info.server_name === project.serverName) return attachment
  attachment.leave()
  return undefined
}

/**
 * Joins the server that the project's supervisor runs. `undefined` when nobody holds the lock.
 * While somebody does, a server is being started or stopped, and we wait for the end of that, unless it is over for us.
 */
export const joinServer = async (
  project: Project,
  over: () => boolean
): Promise<Attachment | undefined> => {
  const found = await lookUntil(async () => {
    if (over()) return "nobody" as const
    const { held, generation, holder } = await readLock(project.directory)
    if (!held) return "nobody" as const
    const record = await readRecord(project)
    return record?.generation === generation && holder !== undefined
      ? joinRunning(project, record, holder)
      : undefined
  }, joinPatience)
  if (found === undefined) {
    const { holder } = await readLock(project.directory)
    const keeper = holder?.where === here() ? `process ${holder.pid}` : "another container or host"
    throw unreachable(
      `This project's NATS server is kept by ${keeper}, but does not answer on 127.0.0.1. ` +
        `See ${project.shown}/nats-server.log, end that process, or set NATS_URL to a server that both can reach.`
    )
  }
  return found === "nobody" ? undefined : found
}
