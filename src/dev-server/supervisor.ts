/** The small process between the owner and its nats-server, which ties their lives together. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import type { Socket } from "node:net"
import type { Readable, Writable } from "node:stream"

/**
 * What the supervisor runs. Text, because it has to run from TypeScript sources, from `dist` and
 * from a bundle alike.
 *
 * Its standard input is a pipe whose other end only the owner has. The kernel closes that end
 * however the owner goes, also by SIGKILL, and then the server is stopped. The lock is touched
 * every two seconds for those who cannot see our pid; where it is gone, so is the store, and the server stops.
 */
const program = `
const { spawn } = require("node:child_process")
const { existsSync, utimesSync } = require("node:fs")
let server, stopping = false
const stop = () => {
  if (server === undefined) process.exit(0)
  if (stopping) return
  stopping = true
  server.kill("SIGTERM")
  setTimeout(() => server.kill("SIGKILL"), 5000)
}
const begin = (order) => {
  server = spawn(order.binary, order.words, { stdio: "ignore", windowsHide: true })
  server.once("error", (error) => {
    process.stdout.write(JSON.stringify({ error: error.message }) + "\\n", () => process.exit(1))
  })
  server.once("exit", () => process.exit(0))
  server.once("spawn", () => process.stdout.write(JSON.stringify({ pid: server.pid }) + "\\n"))
  setInterval(() => {
    try { utimesSync(order.lock, new Date(), new Date()) } catch {}
    if (!existsSync(order.lock)) stop()
  }, 2000)
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop)
process.stdout.on("error", () => {})
process.stdin.on("error", stop).on("close", stop).on("end", stop)
let text = ""
process.stdin.on("data", (chunk) => {
  text += chunk
  if (server === undefined && text.includes("\\n")) begin(JSON.parse(text.slice(0, text.indexOf("\\n"))))
})
`

/** What the supervisor is told to do, once. */
export interface Order {
  readonly binary: string
  readonly words: ReadonlyArray<string>
  /** The lock's file, held in the supervisor's name. */
  readonly lock: string
}

export interface Supervisor {
  readonly pid: number
  /** Resolves when the supervisor has ended, and with it the server. */
  readonly gone: Promise<void>
  /** Starts the server and answers with its pid, or says why it did not start. */
  begin(order: Order): Promise<{ readonly pid: number } | { readonly error: string }>
  /** From now on this process may end although the supervisor runs. */
  letGo(): void
  /** Stops the server and waits until both are gone. */
  stop(): Promise<void>
}

const firstLine = async (output: Readable): Promise<string> => {
  let text = ""
  output.setEncoding("utf8")
  // Not `for await`, which would destroy the pipe when it is left.
  while (!text.includes("\n") && !output.readableEnded) {
    await Promise.race([once(output, "readable"), once(output, "end")])
    text += (output.read() as string | null) ?? ""
  }
  return text.split("\n")[0] ?? ""
}

const unreference = (stream: Readable | Writable): void => {
  // Pipes to a child are sockets, which the types of `spawn` do not say; under Bun they are not, and hold nobody.
  const { unref } = stream as Partial<Socket>
  unref?.call(stream)
}

export const startSupervisor = async (
  root: string,
  environment: NodeJS.ProcessEnv
): Promise<Supervisor> => {
  const child = spawn(process.execPath, ["--eval", program], {
    cwd: root,
    // A group of its own: Ctrl-C is for the worker, which still needs the server to drain.
    detached: true,
    // What the owner loads or measures (tsx, coverage, a debugger) is not for the supervisor.
    env: { ...environment, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" },
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true
  })
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve())
    child.once("error", () => resolve())
  })
  child.stdin.on("error", () => child.stdin.destroy())
  await once(child, "spawn")
  return {
    pid: child.pid ?? 0,
    gone,
    begin: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const line = await Promise.race([firstLine(child.stdout), gone])
      return JSON.parse(line || `{"error":"its supervisor ended"}`)
    },
    letGo: () => {
      child.unref()
      unreference(child.stdin)
      unreference(child.stdout)
    },
    stop: async () => {
      child.ref()
      child.stdin.end()
      await gone
    }
  }
}
