/** Starts and kills the worker processes of a storm, and reads what they wrote down. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startNatsServer, type NatsServer } from "../nats-server.ts"

/** A line of the ledger. */
export interface Entry {
  readonly event: "began" | "ended"
  readonly run: string
  readonly id: string
  readonly task: string
  readonly input: unknown
  readonly pid: number
}

export interface Storm {
  readonly server: NatsServer
  startWorker(): Promise<ChildProcess>
  kill(child: ChildProcess): Promise<void>
  ledger(): Promise<ReadonlyArray<Entry>>
  end(): Promise<void>
}

export const startStorm = async (namespace: string): Promise<Storm> => {
  const server = await startNatsServer()
  const directory = await mkdtemp(join(tmpdir(), "arpeggio-storm-"))
  const workers = new Set<ChildProcess>()
  const program = fileURLToPath(new URL("./worker.ts", import.meta.url))
  const file = join(directory, "ledger")

  const kill = async (child: ChildProcess): Promise<void> => {
    workers.delete(child)
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
  }
  return {
    server,
    kill,
    startWorker: async () => {
      const child = spawn(process.execPath, ["--import", "tsx", program], {
        stdio: ["ignore", "pipe", "inherit"],
        env: {
          ...process.env,
          NATS_URL: server.url,
          ARPEGGIO_NAMESPACE: namespace,
          LEDGER: file
        }
      })
      workers.add(child)
      await once(child.stdout!, "data")
      return child
    },
    ledger: async () => {
      const text = await readFile(file, "utf8").catch(() => "")
      return text
        .split("\n")
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line) as Entry)
    },
    end: async () => {
      await Promise.all([...workers].map(kill))
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }
}
