/** A server program on loopback: a free port, a child process whose end is noticed, and a stop by pid. */
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { open } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { setTimeout as wait } from "node:timers/promises"

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("No port on loopback")
  return address.port
}

export interface Server {
  readonly pid: number
  /** Sends the signal, and SIGKILL where that has not ended it within ten seconds. */
  stop(signal: NodeJS.Signals): Promise<void>
}

/** Starts the program, its output going to `log`, and waits until the port answers. */
export async function startServer(
  program: string,
  args: ReadonlyArray<string>,
  port: number,
  log: string
): Promise<Server> {
  const output = await open(log, "a")
  const child = spawn(program, args, { stdio: ["ignore", output.fd, output.fd] })
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve()).once("error", () => resolve())
  })
  void ended.then(() => output.close())
  const deadline = Date.now() + 30_000
  while (!(await answers(port))) {
    if (hasEnded(child)) throw new Error(`${program} did not start: see ${log}`)
    if (Date.now() > deadline) {
      child.kill("SIGKILL")
      throw new Error(`${program} does not listen after 30 s: see ${log}`)
    }
    await wait(50)
  }
  return {
    pid: child.pid as number,
    async stop(signal) {
      if (hasEnded(child)) return
      child.kill(signal)
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000)
      await ended
      clearTimeout(late)
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}
