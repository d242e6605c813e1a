/** Starts the soak's client, passes it its pace, and keeps what it told last. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync } from "node:fs"
import { join } from "node:path"
import { bundleProgram } from "../program.ts"
import type { Stage } from "../stage.ts"
import type { Collected } from "../watched.ts"
import type { ClientWord } from "./client.ts"
import type { Pace } from "./load.ts"

export interface ClientProcess {
  readonly pid: number
  /** What it told last. */
  readonly word: ClientWord
  /** The heap after each full collection so far. */
  readonly collected: ReadonlyArray<Collected>
  pace(pace: Pace): void
  /** Resolves with what it tells next. */
  next(): Promise<ClientWord>
  end(): Promise<void>
}

export const startClient = async (
  stage: Stage,
  settings: {
    readonly seed: number
    readonly retention: string
    readonly hooked: string
    /** Milliseconds between full collections of its heap. Default: as V8 likes. */
    readonly collect?: number
  }
): Promise<ClientProcess> => {
  const { directory, server, namespace } = stage
  const program = await bundleProgram("soak/client", directory)
  const log = openSync(join(directory, "client.log"), "a")
  const child = spawn(process.execPath, ["--enable-source-maps", program], {
    stdio: ["ignore", "ignore", log, "ipc"],
    env: {
      ...process.env,
      NATS_URL: server.url,
      ARPEGGIO_NAMESPACE: namespace,
      SEED: String(settings.seed),
      RETENTION: settings.retention,
      HOOKED: settings.hooked,
      ...(settings.collect === undefined ? {} : { COLLECT: String(settings.collect) })
    }
  })
  closeSync(log)
  const ended = once(child, "exit")
  const died = ended.then(([code, signal]) => {
    throw new Error(`the client ended with ${code ?? signal}: see client.log in ${directory}`)
  })
  died.catch(() => {})
  const collected: Array<Collected> = []
  const next = async (): Promise<ClientWord> => {
    const [heard] = (await Promise.race([once(child, "message"), died])) as [ClientWord]
    return heard
  }
  let word = await next()
  child.on("message", (heard: ClientWord) => {
    word = heard
    collected.push(...heard.collected)
  })
  return {
    pid: child.pid!,
    collected,
    get word() {
      return word
    },
    pace: (pace) => void child.send(pace),
    next,
    end: async () => {
      child.send("end")
      await ended
    }
  }
}
