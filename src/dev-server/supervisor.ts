/** Starts the supervisor of a project's nats-server, a process that outlives this one. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { launcherFor, type Order } from "./supervisor-program.ts"

/** The pid of the server, or why there is none. */
export type Begun = { readonly pid: number } | { readonly error: string }

export interface Supervisor {
  readonly pid: number
  /** The port at which it lets in those that need the server. */
  readonly door: number
  /** This process's own connection, which keeps it. */
  readonly connection: Socket
  /** Resolves when the supervisor has ended, and with it the server. */
  readonly gone: Promise<void>
  /** Starts the server, once the lock is held in the supervisor's name. */
  begin(): Promise<Begun>
  /** Stops the server, whoever else needs it, and waits until both are gone. */
  stop(): Promise<void>
}

/** What the supervisor says of itself when it is there; nothing when it has ended at once. */
const launch = async (
  root: string,
  environment: NodeJS.ProcessEnv,
  order: Order
): Promise<{ readonly pid: number; readonly door: number } | undefined> => {
  const child = spawn(process.execPath, ["--eval", launcherFor(order)], {
    cwd: root,
    // A group of its own: neither Ctrl-C nor the end of the terminal is for it.
    detached: true,
    // What this process loads or measures (tsx, coverage, a debugger) is not for the supervisor.
    env: { ...environment, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" },
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true
  })
  const line = firstLine(child.stdout)
  await once(child, "spawn")
  const said = await line
  child.unref()
  child.stdout.destroy()
  return said === undefined ? undefined : JSON.parse(said)
}

/** The first line, or nothing where the stream ends before. */
const firstLine = (stream: NodeJS.ReadableStream): Promise<string | undefined> =>
  new Promise((resolve) => {
    const lines = createInterface({ input: stream })
    lines.once("line", (line) => {
      resolve(line)
      lines.close()
    })
    lines.once("close", () => resolve(undefined))
  })

const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}

/** `undefined` when it has ended at once. */
export const startSupervisor = async (
  root: string,
  environment: NodeJS.ProcessEnv,
  order: Order
): Promise<Supervisor | undefined> => {
  const launched = await launch(root, environment, order)
  if (launched === undefined) return undefined
  const { pid, door } = launched
  const connection = connect({ host: "127.0.0.1", port: door })
  connection.on("error", () => connection.destroy())
  const gone = new Promise<void>((resolve) => {
    connection.once("close", () => resolve())
  })
  return {
    pid,
    door,
    connection,
    gone,
    begin: async () => {
      connection.write("begin\n")
      const line = await Promise.race([firstLine(connection), gone])
      return JSON.parse(line ?? `{"error":"its supervisor ended"}`)
    },
    stop: async () => {
      // Two signals: now, whoever needs it.
      for (const signal of ["SIGINT", "SIGTERM"] as const) signalTo(pid, signal)
      await gone
    }
  }
}
