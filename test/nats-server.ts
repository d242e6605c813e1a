/** Starts a real nats-server on a random port with its own store, for tests. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { findBinary } from "../src/dev-server/binary.ts"

export interface NatsServerOptions {
  /** Default: the one that the embedded server would be. */
  readonly binary?: string
  /** Default: true. */
  readonly jetstream?: boolean
  /** Of its JetStream. Default: none. */
  readonly domain?: string
  /** Default: any free one. */
  readonly port?: number
  /** Lines added to the server's configuration, such as `max_payload: 4096`. */
  readonly configuration?: string
}

export interface NatsServer {
  readonly url: string
  readonly port: number
  /** Of the process that runs now: it changes with `restart`. */
  readonly pid: number
  /** Ends the server and removes its store. */
  stop(): Promise<void>
  /** SIGKILL, keeping the store for `restart`. */
  kill(): void
  /** Starts again on the same port and store, ending the running process first (politely, unless it was killed), with other lines of configuration when given. */
  restart(configuration?: string): Promise<void>
  /** Gives the running server other lines of configuration, and resolves when it has taken them. */
  reload(configuration: string): Promise<void>
}

const root = fileURLToPath(new URL("..", import.meta.url))

/** The program that users of the embedded server would run. */
export const serverBinary = (): Promise<string> => findBinary(process.env, root, () => {})

const running = new Set<ChildProcess>()
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

/** A port that is free now, for what must be told its port. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, "close")
  return port
}

/** A server that is ready for connections. */
export interface Started {
  readonly child: ChildProcess
  readonly port: number
  readonly ended: Promise<void>
  /** Resolves at the next line of its log that matches. */
  line(pattern: RegExp): Promise<void>
}

/** Starts a server by its configuration file; whatever happens, it does not outlive this process. */
export const launch = (binary: string, configuration: string): Promise<Started> =>
  new Promise((resolve, reject) => {
    const child = spawn(binary, ["-c", configuration], { stdio: ["ignore", "ignore", "pipe"] })
    running.add(child)
    const ended = new Promise<void>((done) => {
      child.once("close", () => {
        running.delete(child)
        done()
      })
    })
    const log: Array<string> = []
    let port = 0
    let ready = false
    child.once("error", reject)
    void ended.then(() => {
      if (!ready) reject(new Error(`nats-server ended before it was ready:\n${log.join("\n")}`))
      return undefined
    })
    const lines = createInterface({ input: child.stderr! })
    const next = (pattern: RegExp): Promise<void> =>
      new Promise((seen) => {
        const look = (text: string): void => {
          if (!pattern.test(text)) return
          lines.off("line", look)
          seen()
        }
        lines.on("line", look)
      })
    lines.on("line", (line) => {
      if (ready) return
      log.push(line)
      port = Number(/client connections on .*:(\d+)$/.exec(line)?.[1] ?? port)
      if (!line.includes("Server is ready") || port === 0) return
      ready = true
      resolve({ child, port, ended, line: next })
    })
  })

export const startNatsServer = async (options: NatsServerOptions = {}): Promise<NatsServer> => {
  const binary = options.binary ?? (await serverBinary())
  const folder = await mkdtemp(join(tmpdir(), "arpeggio-nats-"))
  const file = join(folder, "server.conf")
  let configuration = options.configuration
  const write = (port: number): Promise<void> => {
    const lines = [`listen: "127.0.0.1:${port}"`]
    if (options.jetstream !== false) {
      const domain = options.domain === undefined ? "" : `, domain: "${options.domain}"`
      lines.push(`jetstream { store_dir: "${join(folder, "store")}"${domain} }`)
    }
    if (configuration !== undefined) lines.push(configuration)
    return writeFile(file, `${lines.join("\n")}\n`)
  }
  const start = async (port: number): Promise<Started> => {
    await write(port)
    return launch(binary, file)
  }
  let current = await start(options.port ?? -1)
  const { port } = current
  const end = async (): Promise<void> => {
    current.child.kill("SIGTERM")
    const late = setTimeout(() => current.child.kill("SIGKILL"), 5000)
    await current.ended
    clearTimeout(late)
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return current.child.pid!
    },
    stop: async () => {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
    kill: () => {
      current.child.kill("SIGKILL")
    },
    restart: async (changed = configuration) => {
      configuration = changed
      await end()
      current = await start(port)
    },
    reload: async (changed) => {
      configuration = changed
      await write(port)
      const reloaded = current.line(/Reloaded server configuration/)
      current.child.kill("SIGHUP")
      await reloaded
    }
  }
}
