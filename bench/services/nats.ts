/** nats-server: alone with its default sync, alone and synced before it answers, or three that keep three copies. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { connect } from "@nats-io/transport-node"
import type { Profile, Running, Service } from "./service.ts"

/** The program that the library itself would start; whoever starts the bench has found it. */
const findProgram = (): string => {
  const program = process.env["NATS_SERVER_BIN"]
  if (program === undefined) throw new Error("NATS_SERVER_BIN does not say where nats-server is")
  return program
}

const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const held = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"))
  await Promise.all(held.map((server) => once(server, "listening")))
  const ports = held.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(held.map((server) => once(server.close(), "close")))
  return ports
}

interface Ports {
  readonly client: number
  readonly http: number
  readonly route: number
}

const configurationOf = (
  name: string,
  ports: Ports,
  others: ReadonlyArray<number>,
  store: string,
  profile: Profile
): string => {
  const sync = profile === "single" ? ", sync_interval: always" : ""
  const lines = [
    `server_name: ${name}`,
    `listen: "127.0.0.1:${ports.client}"`,
    `http: "127.0.0.1:${ports.http}"`,
    `jetstream { store_dir: "${store}"${sync} }`
  ]
  if (profile === "ha") {
    const routes = others.map((port) => `"nats://127.0.0.1:${port}"`).join(", ")
    lines.push(`cluster { name: bench, listen: "127.0.0.1:${ports.route}", routes: [${routes}] }`)
  }
  return `${lines.join("\n")}\n`
}

interface Varz {
  readonly version: string
  readonly in_bytes: number
  readonly out_bytes: number
}

const varz = async ({ http }: Ports): Promise<Varz> =>
  (await (await fetch(`http://127.0.0.1:${http}/varz`)).json()) as Varz

const started = async (program: string, file: string): Promise<ChildProcess> => {
  const child = spawn(program, ["-c", file], { stdio: ["ignore", "ignore", "pipe"] })
  let log = ""
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", () => reject(new Error(`nats-server ended:\n${log}`)))
    child.stderr!.on("data", (text: Buffer) => {
      if (log.includes("Server is ready")) return
      log += String(text)
      if (log.includes("Server is ready")) resolve()
    })
  })
  return child
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, "close")
  child.kill("SIGTERM")
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000)
  await closed
  clearTimeout(late)
}

/** A stream with three replicas can be made once the leader of the cluster knows all three servers. */
const formed = async (address: string): Promise<void> => {
  const connection = await connect({ servers: address.split(",") })
  const probe = { name: "formed", subjects: ["formed"], num_replicas: 3, storage: "memory" }
  for (let tries = 0; ; tries++) {
    const answer = await connection
      .request("$JS.API.STREAM.CREATE.formed", JSON.stringify(probe), { timeout: 5_000 })
      .then((reply) => reply.json<{ readonly error?: { readonly description?: string } }>())
      .catch((error: unknown) => ({ error: { description: String(error) } }))
    if (answer.error === undefined) break
    if (tries > 200) throw new Error(`the cluster did not form: ${answer.error.description}`)
    await sleep(100)
  }
  await connection.request("$JS.API.STREAM.DELETE.formed")
  await connection.close()
}

const sync: Record<Profile, string> = {
  dev: "1 server, file storage, default sync_interval (2 min)",
  single: "1 server, file storage, sync_interval: always",
  ha: "3 servers, file storage, 3 replicas, default sync_interval (2 min)"
}

export const nats: Service = {
  name: "nats",
  start: async (directory, profile = "dev"): Promise<Running> => {
    const program = findProgram()
    const names = profile === "ha" ? ["n1", "n2", "n3"] : ["n1"]
    const free = await freePorts(3 * names.length)
    const ports = names.map((_, at) => ({
      client: free[3 * at]!,
      http: free[3 * at + 1]!,
      route: free[3 * at + 2]!
    }))
    const children: Array<ChildProcess> = []
    const stop = async (): Promise<void> => {
      await Promise.all(children.map(end))
    }
    try {
      await Promise.all(
        names.map(async (name, at) => {
          const file = join(directory, `${name}.conf`)
          const others = ports.filter((_, other) => other !== at).map(({ route }) => route)
          const store = join(directory, name)
          await writeFile(file, configurationOf(name, ports[at]!, others, store, profile))
          children.push(await started(program, file))
        })
      )
      const address = ports.map(({ client }) => `nats://127.0.0.1:${client}`).join(",")
      if (profile === "ha") await formed(address)
      const { version } = await varz(ports[0]!)
      const bytes = async (): Promise<number> => {
        const all = await Promise.all(ports.map(varz))
        return all.reduce((sum, { in_bytes, out_bytes }) => sum + in_bytes + out_bytes, 0)
      }
      const pids = children.map(({ pid }) => pid!)
      return { address, pids, version, settings: sync[profile], bytes, stop }
    } catch (error) {
      await stop()
      throw error
    }
  }
}
