/** A project in a temporary directory with processes in it, for the tests of finding and starting a server. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo, Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterEach } from "vitest"
import { isAlive, lifeOf } from "../../src/dev-server/process-identity.ts"
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
    const life = await lifeOf(pid)
    return life !== undefined && (await isAlive(life)) ? undefined : true
  })

export const makeProject = (): string => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "arpeggio-server-")))
  writeFileSync(join(directory, "package-lock.json"), "{}")
  afterwards(async () => {
    const record = readRecord(directory)
    if (record !== undefined) {
      await ended(record.pid)
    }
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

/** The process that keeps the server, by the lock of the record's generation. */
export const keeperOf = (directory: string): number => {
  const generation = readRecord(directory)?.generation
  return JSON.parse(readFileSync(join(directory, `.arpeggio/lock.${generation}`), "utf8")).pid
}

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
  words: ReadonlyArray<string> = []
): Member => {
  const child = spawn(process.execPath, [bundled(join(here, "member.ts")), ...words], {
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
