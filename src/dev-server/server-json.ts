/** `server.json`: where the project's running server is, for its other processes and for people. */
import { readFile, rename, writeFile } from "node:fs/promises"
import type { Sync } from "../nats/found-server.ts"
import type { Project } from "./project.ts"

export interface ServerRecord {
  /** The nats-server's own. */
  readonly pid: number
  /** The process that runs it, and the port at which it lets in those that need the server. */
  readonly supervisor: { readonly pid: number; readonly port: number }
  readonly port: number
  /** The port that was asked for, where it could not be had. */
  readonly asked?: number
  readonly url: string
  readonly version: string
  readonly sync: Sync
  readonly started: string
  /** The lock generation it runs under: a record of another generation is out of date. */
  readonly generation: number
}

export const readRecord = async (project: Project): Promise<ServerRecord | undefined> => {
  try {
    return JSON.parse(await readFile(project.record, "utf8")) as ServerRecord
  } catch {
    // Absent: no server, or not yet. The lock says which.
    return undefined
  }
}

export const writeRecord = async (project: Project, record: ServerRecord): Promise<void> => {
  const draft = `${project.record}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`)
  await rename(draft, project.record)
}
