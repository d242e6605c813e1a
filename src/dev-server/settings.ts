/** The nats-server configuration of a project, and the port it listens on. */
import { readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { received } from "../define/describe-value.ts"
import type { Sync } from "../nats/found-server.ts"
import { probe } from "./probe.ts"
import type { Project } from "./project.ts"
import { unreachable } from "./unreachable.ts"

/** The port that `ARPEGGIO_PORT` asks for, if it does. 0 means any. */
export const askedPort = (environment: NodeJS.ProcessEnv): number | undefined => {
  const text = environment["ARPEGGIO_PORT"]
  if (text === undefined || text === "") return undefined
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw unreachable(
    `ARPEGGIO_PORT is the number of a port, up to 65535, or 0 for any, not ${received(text)}. Set it to one, or leave it out.`
  )
}

/** The port as asked for, or NATS' own. 0 means any. */
export const preferredPort = (environment: NodeJS.ProcessEnv): number =>
  askedPort(environment) ?? 4222

/** Writes the configuration. JSON is a subset of the server's own format. */
export const writeSettings = (project: Project, port: number, sync: Sync): Promise<void> =>
  writeFile(
    project.config,
    `${JSON.stringify(
      {
        server_name: project.serverName,
        host: "127.0.0.1",
        port,
        max_payload: 1_048_576,
        log_file: project.log,
        logfile_size_limit: 8_388_608,
        logfile_max_num: 2,
        jetstream: {
          store_dir: project.store,
          ...(sync === "always" ? { sync_interval: "always" } : {}),
          max_memory_store: 268_435_456,
          max_file_store: 10_737_418_240
        }
      },
      undefined,
      2
    )}\n`
  )

/** The port of the last time, which the clients of a server that went away still ask for. */
const lastPort = async (project: Project): Promise<number> => {
  try {
    return Number(JSON.parse(await readFile(project.config, "utf8")).port)
  } catch {
    return 0
  }
}

const listen = (port: number): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(0))
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const found = (server.address() as AddressInfo).port
      server.close(() => resolve(found))
    })
  })

const isFree = async (port: number): Promise<boolean> =>
  // Asked first, because on macOS one can listen beside a server that has all addresses.
  port > 0 && (await probe(port, 300)).kind === "nothing" && (await listen(port)) === port

/** The port that is asked for, else the one of the last time, else NATS' own, else any: the first that can be had. */
export const choosePort = async (
  project: Project,
  environment: NodeJS.ProcessEnv
): Promise<number> => {
  const asked = askedPort(environment)
  for (const port of [asked ?? 0, await lastPort(project), preferredPort(environment)]) {
    if (await isFree(port)) return port
  }
  return listen(0)
}
