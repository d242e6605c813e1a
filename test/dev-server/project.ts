/** A project in a temporary directory with processes in it, for the tests of finding and starting a server. */
import { execFileSync, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo, Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterEach } from "vitest"
import { identityOf, isAlive, type ProcessIdentity } from "../../src/dev-server/process-identity.ts"
import { lookUntil } from "../../src/dev-server/poll.ts"
import { bundled } from "../bundle.ts"

const here = fileURLToPath(new URL(".", import.meta.url))

const cleanups: Array<() => Promise<void> | void> = []

/** Done after the test, last registered first. */
export const afterwards = (cleanup: () => Promise<void> | void): void => {
  cleanups.push(cleanup)
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) {
    await cleanup()
  }
})

/** No sign of a deployment, and no port that anybody else may use. */
export const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  // What runs the tests may have named one, as on a platform without the package.
  ...(process.env["NATS_SERVER_BIN"] ? { NATS_SERVER_BIN: process.env["NATS_SERVER_BIN"] } : {}),
  ARPEGGIO_PORT: "0",
  ...more
})

export const eventually = async <A>(
  what: string,
  look: () => Promise<A | undefined>
): Promise<A> => {
  const answer = await lookUntil(look, 15_000)
  if (answer === undefined) {
    throw new Error(`waited in vain: ${what}`)
  }
  return answer
}

export const ended = (pid: number): Promise<true> =>
  eventually(`process ${pid} ends`, async () => {
    const identity = await identityOf(pid)
    return identity !== undefined && (await isAlive(identity)) ? undefined : true
  })

export const makeProject = (): string => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "arpeggio-server-")))
  writeFileSync(join(directory, "package-lock.json"), "{}")
  afterwards(async () => {
    // It would end by itself, but not at once.
    const supervisor = supervisorOf(directory)
    const record = readRecord(directory)
    if (supervisor !== undefined && (await isAlive(supervisor))) {
      process.kill(supervisor.pid, "SIGTERM")
      await ended(supervisor.pid)
    }
    if (record !== undefined) await ended(record.pid)
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  return directory
}

interface RecordFile {
  readonly pid: number
  readonly port: number
  readonly url: string
  readonly version: string
  readonly generation: number
}

export const readRecord = (directory: string): RecordFile | undefined => {
  try {
    return JSON.parse(readFileSync(join(directory, ".arpeggio/server.json"), "utf8"))
  } catch {
    return undefined
  }
}

/** The supervisor, or whoever else holds the lock. */
export const supervisorOf = (directory: string): ProcessIdentity | undefined => {
  const folder = join(directory, ".arpeggio")
  const names = existsSync(folder) ? readdirSync(folder) : []
  const generations = names.flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? [])
  if (generations.length === 0) return undefined
  const generation = Math.max(...generations.map(Number))
  try {
    return JSON.parse(readFileSync(join(folder, `lock.${generation}`), "utf8"))
  } catch {
    return undefined
  }
}

/** The nats-servers that run with the project's configuration. */
export const serversOf = (directory: string): ReadonlyArray<number> =>
  execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.trimEnd().endsWith(` -c ${join(directory, ".arpeggio/nats.conf")}`))
    .map((line) => Number.parseInt(line, 10))

/** The processes that a process has started. */
export const childrenOf = (pid: number): ReadonlyArray<number> =>
  execFileSync("ps", ["-ax", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []))

export interface Member {
  readonly process: ChildProcess
  readonly pid: number
  readonly exit: Promise<number | string>
  /** Everything it printed so far. */
  readonly lines: ReadonlyArray<{ readonly [key: string]: unknown }>
  tell(command: string): void
  /** The first line with the key. */
  line(key: string): Promise<{ readonly [key: string]: unknown }>
}

/** Starts a process of the project. */
export const startMember = (
  directory: string,
  more: NodeJS.ProcessEnv = {},
  words: ReadonlyArray<string> = [],
  program = "member.ts"
): Member => {
  const child = spawn(process.execPath, [bundled(join(here, program)), ...words], {
    cwd: directory,
    // As a shell does, so that a test can press Ctrl-C.
    detached: true,
    env: environment(more),
    stdio: ["pipe", "pipe", "pipe"]
  })
  const lines: Array<{ readonly [key: string]: unknown }> = []
  let errors = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text
  })
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)))
  const exit = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"))
  })
  afterwards(async () => {
    child.stdin.end()
    child.kill("SIGKILL")
    await exit
  })
  return {
    process: child,
    pid: child.pid ?? 0,
    exit,
    lines,
    tell: (command) => child.stdin.write(`${command}\n`),
    line: (key) =>
      eventually(`a line with "${key}"`, async () => {
        const line = lines.find((line) => key in line)
        if (line === undefined && child.exitCode !== null) {
          throw new Error(`the process ended with ${child.exitCode}: ${errors}`)
        }
        return line
      })
  }
}

/** Listens on a free port and answers nobody, or with what is given. */
export const occupyPort = async (answer?: string): Promise<number> => {
  const server: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy())
    if (answer !== undefined) {
      socket.write(answer)
    }
    socket.on("data", () => socket.write("PONG\r\n"))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  afterwards(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}
