/** Server programs as child processes: a free port, a start as some user, a wait until it answers, an end by pid. */
import { execFile, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { openSync } from "node:fs"
import { connect, createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"

const run = promisify(execFile)

/** What a command prints, without the line's end. */
export const output = async (program: string, ...args: string[]): Promise<string> =>
  (await run(program, args)).stdout.trim()

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port was given")
  return address.port
}

/** Resolves when the question is answered with yes, and fails when the program ends before that. */
export const until = async (
  what: string,
  child: ChildProcess,
  question: () => Promise<boolean>,
  seconds = 60
): Promise<void> => {
  const end = Date.now() + seconds * 1000
  while (!(await question().catch(() => false))) {
    if (hasEnded(child)) throw new Error(`${what} has ended`)
    if (Date.now() > end) throw new Error(`${what} does not answer after ${seconds} s`)
    await sleep(50)
  }
}

/** Whether something listens there. */
export const listens = async (port: number): Promise<boolean> => {
  const socket = connect(port, "127.0.0.1")
  try {
    await once(socket, "connect")
    return true
  } finally {
    socket.destroy()
  }
}

/** Starts a program whose lines go to a log. With a user, only root can start it. */
export const program = (
  command: string,
  args: string[],
  options: { log: string; env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number }
): ChildProcess => {
  const { log, env, ...rest } = options
  const file = openSync(log, "a")
  return spawn(command, args, {
    ...rest,
    env: { ...process.env, ...env },
    stdio: ["ignore", file, file]
  })
}

/** Whether it runs no more, or never did. */
const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Asks the process to end, and makes it end when it does not. */
export const end = async (
  child: ChildProcess,
  seconds = 15,
  signal: NodeJS.Signals = "SIGTERM"
): Promise<void> => {
  if (hasEnded(child)) return
  const ended = once(child, "exit")
  child.kill(signal)
  const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000)
  await ended
  clearTimeout(timer)
}

/** The numbers of a user, where this process may become one. */
export const user = async (name: string): Promise<{ uid: number; gid: number } | undefined> =>
  process.getuid?.() === 0
    ? { uid: Number(await output("id", "-u", name)), gid: Number(await output("id", "-g", name)) }
    : undefined
