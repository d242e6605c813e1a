/** The nats-server configuration of a project, and the port it listens on. */
import { readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { probe } from "./probe.ts"
import type { Project } from "./project.ts"

/** The port as asked for: `ARPEGGIO_PORT`, or NATS' own. 0 means any. */
export const preferredPort = (environment: NodeJS.ProcessEnv): number =>
  Number.parseInt(environment["ARPEGGIO_PORT"] || "4222", 10) || 0

/** When the server writes to disk what it has acknowledged: before it does, or every two minutes, as is its default. */
export type Sync = "always" | "interval"

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

/** The port of the last time if it can be had, else the preferred one, else any free one. */
export const choosePort = async (project: Project, preferred: number): Promise<number> => {
  for (const port of [await lastPort(project), preferred]) {
    // Asked first, because on macOS one can listen beside a server that has all addresses.
    if (port > 0 && (await probe(port, 300)).kind === "nothing" && (await listen(port)) === port) {
      return port
    }
  }
  return listen(0)
}
