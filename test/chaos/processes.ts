/** The processes of a storm: a broker and workers that are started, stopped, continued and killed, and what they wrote down. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { openSync, closeSync } from "node:fs"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { readLedger, readStalls, type Entry, type Stop } from "./ledger.ts"
import { bundleProgram } from "./program.ts"
import { startThreeServers } from "./three-servers.ts"

export interface Worker {
  readonly pid: number
  readonly child: ChildProcess
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Environment variables that `worker.ts` and `night/worker.ts` read. */
export type WorkerSettings = Partial<
  Record<
    | "CRASHES"
    | "SERVE"
    | "LEASE"
    | "CONCURRENCY"
    | "LOG"
    | "WATCH"
    | "COLLECT"
    | "LEDGER"
    | "CALLED"
    | "QUEUE"
    | "GRACE"
    | "PATIENCE"
    | "REPLICAS",
    string
  >
>

export interface ProcessesOptions {
  /** The program of the workers, a file here without its ending. Default: `worker`. */
  readonly program?: string
  /** Lines added to the server's configuration. */
  readonly configuration?: string
  /** Default: 1. */
  readonly servers?: 1 | 3
}

export interface Processes {
  readonly server: NatsServer
  readonly namespace: string
  /** Holds the ledger and a log of every worker. */
  readonly directory: string
  /** Resolves when the worker takes calls. While the broker is away, it is tried again. */
  startWorker(settings?: WorkerSettings): Promise<Worker>
  kill(worker: Worker): Promise<void>
  ledger(): Promise<ReadonlyArray<Entry>>
  stalls(): Promise<ReadonlyArray<Stop>>
  /** Lines of the workers' logs that match. */
  logged(words: RegExp): Promise<ReadonlyArray<string>>
  /** Kills what still runs; `keep` leaves the directory for whoever looks for a cause. */
  end(keep: boolean): Promise<void>
}

/** How often a worker that ends before it works is started again: a broker comes back within seconds. */
const patience = 50

export const startProcesses = async (
  namespace: string,
  { program: name = "worker", servers = 1, ...serverOptions }: ProcessesOptions = {}
): Promise<Processes> => {
  const directory = await mkdtemp(join(tmpdir(), "arpeggio-storm-"))
  const program = await bundleProgram(name, directory)
  const server =
    servers === 1 ? await startNatsServer(serverOptions) : await startThreeServers(namespace)
  const workers = new Set<Worker>()
  const ledger = join(directory, "ledger")
  let started = 0

  const launch = async (settings: WorkerSettings): Promise<Worker | undefined> => {
    const log = openSync(join(directory, `worker-${++started}.log`), "a")
    const child = spawn(process.execPath, ["--enable-source-maps", program], {
      stdio: ["ignore", "pipe", log],
      env: {
        ...process.env,
        NATS_URL: server.url,
        ARPEGGIO_NAMESPACE: namespace,
        LEDGER: ledger,
        REPLICAS: String(servers),
        ...settings
      }
    })
    closeSync(log)
    const ended = once(child, "exit").then(
      ([code, signal]) => (code ?? signal) as number | NodeJS.Signals
    )
    const worker: Worker = { pid: child.pid!, child, ended }
    workers.add(worker)
    const ready = once(child.stdout!, "data").then(() => true)
    if (await Promise.race([ready, ended.then(() => false)])) return worker
    workers.delete(worker)
    return undefined
  }

  const kill = async (worker: Worker): Promise<void> => {
    workers.delete(worker)
    worker.child.kill("SIGKILL")
    await worker.ended
  }
  const logged = async (words: RegExp): Promise<ReadonlyArray<string>> => {
    const files = (await readdir(directory)).filter((file) => file.endsWith(".log"))
    const texts = await Promise.all(files.map((file) => readFile(join(directory, file), "utf8")))
    return texts.flatMap((text) => text.split("\n").filter((line) => words.test(line)))
  }
  return {
    server,
    namespace,
    directory,
    kill,
    logged,
    startWorker: async (settings = {}) => {
      for (let failed = 0; failed < patience; failed++) {
        const worker = await launch(settings)
        if (worker !== undefined) return worker
      }
      throw new Error(`a worker ended ${patience} times before it was ready: see ${directory}`)
    },
    ledger: () => readLedger(ledger),
    stalls: () => readStalls(ledger),
    end: async (keep) => {
      await Promise.all([...workers].map(kill))
      await server.stop()
      if (!keep) await rm(directory, { recursive: true, force: true })
    }
  }
}
