/** Starts worker processes that will kill themselves, from one bundle, so that a start costs little. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { dying, type Doom } from "./doomed-broker.ts"
import { bundleProgram } from "./program.ts"

/** Milliseconds after which a call of a dead worker is handed out again. */
export const lease = 1_000

/** An execution in any process. */
export interface Entry {
  readonly task: string
  readonly run: string
  readonly step: string
  readonly input: string
}

export interface DoomedWorker {
  /** Resolves when the process is gone. */
  readonly gone: Promise<unknown>
  /** The calls it has made. */
  calls(): ReadonlyArray<string>
  /** Whether it came to the call where it was to die. */
  reached(): boolean
  end(): Promise<void>
}

export interface Graveyard {
  readonly server: NatsServer
  startDoomed(namespace: string, at: number, doom: Doom): Promise<DoomedWorker>
  /** Every execution of all processes, this one's among them. */
  entries(): Promise<ReadonlyArray<Entry>>
  close(): Promise<void>
}

export const openGraveyard = async (): Promise<Graveyard> => {
  const directory = await mkdtemp(join(tmpdir(), "arpeggio-points-"))
  const [server, program] = await Promise.all([
    startNatsServer(),
    bundleProgram("doomed-worker", directory)
  ])
  const ledger = join(directory, "ledger")
  process.env["ARPEGGIO_LEDGER"] = ledger
  const children = new Set<ChildProcess>()

  const startDoomed = async (namespace: string, at: number, doom: Doom): Promise<DoomedWorker> => {
    const child = spawn(process.execPath, [program], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        NATS_URL: server.url,
        ARPEGGIO_NAMESPACE: namespace,
        ARPEGGIO_LEDGER: ledger,
        KILL_AT: String(at),
        KILL_HOW: doom,
        LEASE: String(lease)
      }
    })
    children.add(child)
    const calls: Array<string> = []
    let reached = false
    const gone = once(child, "close").then(() => children.delete(child))
    const ready = new Promise<void>((resolve, reject) => {
      // Work may come, and kill it, before it is known to be ready.
      void gone.then(() =>
        reached ? resolve() : reject(new Error("a worker ended before it was ready"))
      )
      createInterface({ input: child.stdout! }).on("line", (line) => {
        if (line === "ready") resolve()
        else if (line === dying) reached = true
        else calls.push(line)
      })
    })
    await ready
    const end = async (): Promise<void> => {
      child.kill("SIGKILL")
      await gone
    }
    return { gone, calls: () => calls, reached: () => reached, end }
  }

  return {
    server,
    startDoomed,
    entries: async () => {
      const text = await readFile(ledger, "utf8").catch(() => "")
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => {
          const [task, run, step, _pid, ...input] = line.split(" ")
          return { task: task!, run: run!, step: step!, input: input.join(" ") }
        })
    },
    close: async () => {
      delete process.env["ARPEGGIO_LEDGER"]
      for (const child of children) child.kill("SIGKILL")
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }
}
