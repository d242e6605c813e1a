/** Server programs as child processes: a free port, a start as some user, a wait until it answers, an end by pid. */
import { execFile, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { existsSync, openSync, rmSync, writeFileSync } from "node:fs"
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
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${what} has ended`)
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

/** Asks the process to end, and makes it end when it does not. */
export const end = async (child: ChildProcess, seconds = 15): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000)
  await ended
  clearTimeout(timer)
}

/** The numbers of a user, where this process may become one. */
export const user = async (name: string): Promise<{ uid: number; gid: number } | undefined> =>
  process.getuid?.() === 0
    ? { uid: Number(await output("id", "-u", name)), gid: Number(await output("id", "-g", name)) }
    : undefined

const policy = "/usr/sbin/policy-rc.d"

/** Installs packages of Debian, and sees to it that none of them starts a service of its own. */
export const aptInstall = async (...packages: string[]): Promise<void> => {
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    const options = ["-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends"]
    await run("apt-get", ["update"], { env, maxBuffer: 1 << 26 })
    await run("apt-get", [...options, ...packages], { env, maxBuffer: 1 << 26 })
  } finally {
    if (ours) rmSync(policy)
  }
}
