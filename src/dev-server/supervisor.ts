/** Starts the supervisor of a project's nats-server, a process that outlives this one. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { program } from "./supervisor-program.ts"

/** What the supervisor is told to do, once. */
export interface Order {
  readonly binary: string
  readonly words: ReadonlyArray<string>
  /** The lock's file, held in the supervisor's name. */
  readonly lock: string
  /** `server.json`, which the supervisor removes when its server has ended. */
  readonly record: string
}

/** The pid of the server, and the port at which the supervisor lets processes in; or why there is none. */
export type Begun = { readonly pid: number; readonly door: number } | { readonly error: string }

export interface Supervisor {
  readonly pid: number
  /** Resolves when the supervisor has ended, and with it the server. */
  readonly gone: Promise<void>
  /** Starts the server. */
  begin(order: Order): Promise<Begun>
  /** This process is tied to it by its connection alone from now on. */
  letGo(): void
  /** Stops the server, whoever else needs it, and waits until both are gone. */
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

export const startSupervisor = async (
  root: string,
  environment: NodeJS.ProcessEnv
): Promise<Supervisor> => {
  const child = spawn(process.execPath, ["--eval", program], {
    cwd: root,
    // A group of its own: neither Ctrl-C nor the end of the terminal is for it.
    detached: true,
    // What this process loads or measures (tsx, coverage, a debugger) is not for the supervisor.
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
      child.stdin.end()
      child.stdout.destroy()
    },
    stop: async () => {
      child.kill("SIGTERM")
      await gone
    }
  }
}
