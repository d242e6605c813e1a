/** Worker processes of a storm on a cluster, and what they wrote down. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { readLedger, type Entry } from "../chaos/ledger.ts"

export interface WorkersOptions {
  readonly url: string
  readonly namespace: string
  readonly count: number
  /** In milliseconds. */
  readonly lease: number
  /** Default: 10. */
  readonly concurrency?: number
  /** Whether executions are written down. Default: true. */
  readonly ledger?: boolean
}

export interface Workers {
  ledger(): Promise<ReadonlyArray<Entry>>
  /** Those that ended by themselves: none, if all goes well. */
  readonly ended: ReadonlyArray<number | string | null>
  stop(): Promise<void>
}

const program = fileURLToPath(new URL("./worker.ts", import.meta.url))

export const startWorkers = async (options: WorkersOptions): Promise<Workers> => {
  const directory = await mkdtemp(join(tmpdir(), "arpeggio-cluster-workers-"))
  const file = join(directory, "ledger")
  const children: Array<ChildProcess> = []
  const ended: Array<number | string | null> = []
  let stopping = false
  const start = async (): Promise<void> => {
    const child = spawn(process.execPath, ["--import", "tsx", program], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        NATS_URL: options.url,
        ARPEGGIO_NAMESPACE: options.namespace,
        LEASE: String(options.lease),
        CONCURRENCY: String(options.concurrency ?? 10),
        ...(options.ledger === false ? {} : { LEDGER: file })
      }
    })
    children.push(child)
    child.once("exit", (code, signal) => {
      if (!stopping) ended.push(code ?? signal)
    })
    await Promise.race([
      once(child.stdout!, "data"),
      once(child, "exit").then(() => Promise.reject(new Error("a worker ended as it began")))
    ])
  }
  const stop = async (): Promise<void> => {
    stopping = true
    const alive = children.filter((child) => child.exitCode === null && child.signalCode === null)
    await Promise.all(
      alive.map((child) => {
        const gone = once(child, "exit")
        child.kill("SIGKILL")
        return gone
      })
    )
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await Promise.all(Array.from({ length: options.count }, start))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ended,
    stop,
    ledger: () => readLedger(file)
  }
}
