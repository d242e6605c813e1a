/** Starts the project's own nats-server, in the name of the lock's next generation. */
import { readFile } from "node:fs/promises"
import { type Attachment, attachmentBy } from "./attachment.ts"
import { identityOf, nobody } from "./process-identity.ts"
import { lockFile, takeLock } from "./lock.ts"
import { stopOrphans } from "./orphans.ts"
import { clock, lookUntil } from "./poll.ts"
import { probe } from "./probe.ts"
import { prepare } from "./project.ts"
import type { Project } from "./project.ts"
import { writeRecord } from "./server-json.ts"
import type { Sync } from "../nats/found-server.ts"
import { askedPort, choosePort, writeSettings } from "./settings.ts"
import { startSupervisor } from "./supervisor.ts"
import type { Supervisor } from "./supervisor.ts"
import { unreachable } from "./unreachable.ts"

/** A large store takes its time to be read back. */
const startPatience = 30_000

const lastLogLine = async (project: Project): Promise<string> => {
  const lines = (await readFile(project.log, "utf8").catch(() => "")).trim().split("\n")
  return lines.findLast((line) => /\[(FTL|ERR)\]/.test(line)) ?? lines.at(-1) ?? ""
}

const failed = async (project: Project, why: string): Promise<Error> => {
  const line = await lastLogLine(project)
  return unreachable(
    `The project's NATS server did not start: ${why}. Its log, ${project.shown}/nats-server.log, ends with "${line}". ` +
      "Mend what it complains about, or set NATS_URL to a server that runs already."
  )
}

/** Resolves when our server lets clients in; throws when it ended, took too long, or is not wanted any more. */
const ready = async (
  project: Project,
  port: number,
  supervisor: Supervisor,
  over: () => boolean
): Promise<string> => {
  let ended = false
  void supervisor.gone.then(() => (ended = true))
  const answer = await lookUntil(async () => {
    const found = await probe(port)
    const ours = found.kind === "open" && found.info.server_name === project.serverName
    return ours ? found.info.version : ended || over() ? "" : undefined
  }, startPatience)
  if (answer) {
    return answer
  }
  throw await failed(project, ended ? "it ended at once" : "it did not answer in time")
}

/** What a server is started with. */
export interface StartOptions {
  readonly project: Project
  readonly environment: NodeJS.ProcessEnv
  readonly binary: string
  readonly sync: Sync
  /** Tells that nobody here needs one any more. */
  readonly over: () => boolean
}

/** Starts the server under a supervisor that holds the lock's generation, and attaches this process to it. */
const run = async (
  options: StartOptions,
  supervisor: Supervisor,
  generation: number
): Promise<Attachment> => {
  const { project, environment, sync, over } = options
  await stopOrphans(project.config)
  const port = await choosePort(project, environment)
  await writeSettings(project, port, sync)
  const begun = await supervisor.begin()
  if ("error" in begun) {
    throw await failed(project, begun.error)
  }
  const version = await ready(project, port, supervisor, over)
  const asked = askedPort(environment)
  const record = {
    pid: begun.pid,
    supervisor: { pid: supervisor.pid, port: supervisor.door },
    port,
    ...(asked === undefined || asked === port ? {} : { asked }),
    url: `nats://127.0.0.1:${port}`,
    version,
    sync,
    started: new Date(clock()).toISOString(),
    generation
  }
  await writeRecord(project, record)
  return attachmentBy(supervisor.connection, record)
}

/**
 * Takes the lock after the given generation and starts the server; `undefined` when another process was quicker.
 *
 * This process takes the lock first, so that only the winner starts a supervisor, and then passes
 * it on to the supervisor: that one's life encloses the server's, ours does not.
 */
export const startServer = async (
  options: StartOptions,
  after: number
): Promise<Attachment | undefined> => {
  const { project, environment } = options
  await prepare(project)
  const self = (await identityOf(process.pid)) ?? nobody
  if (!(await takeLock(project.directory, after + 1, self))) {
    return undefined
  }
  const generation = after + 2
  let supervisor: Supervisor | undefined
  try {
    supervisor = await startSupervisor(project.root, environment, {
      binary: options.binary,
      words: ["-c", project.config],
      lock: lockFile(project.directory, generation),
      record: project.record
    })
    const identity = await identityOf(supervisor?.pid ?? 0)
    const isLocked =
      identity !== undefined && (await takeLock(project.directory, generation, identity))
    if (supervisor === undefined || !isLocked) {
      throw unreachable("The supervisor of the project's NATS server ended at once. Try again.")
    }
    return await run(options, supervisor, generation)
  } catch (thrown) {
    await supervisor?.stop()
    // Gives up what this process may still hold, or the others would wait for it to end.
    await takeLock(project.directory, generation, nobody).catch(() => false)
    throw thrown
  }
}
