/** Attaches a process to its project's server for as long as it wants: where the server is lost, one of those that are left starts it again. */
import type { Sync } from "../nats/found-server.ts"
import { within } from "../broker/time.ts"
import { type Attachment, joinServer } from "./attachment.ts"
import { findBinary } from "./binary.ts"
import { readLock } from "./lock.ts"
import { idle } from "./poll.ts"
import type { Project } from "./project.ts"
import type { ServerRecord } from "./server-json.ts"
import { askedPort } from "./settings.ts"
import { startServer } from "./start.ts"
import { reasonOf, unreachable } from "./unreachable.ts"

/** What a process brings to its project's server. */
export interface SessionOptions {
  readonly project: Project
  readonly environment: NodeJS.ProcessEnv
  /** Whether this process may start the server when there is none. */
  readonly mayStart: boolean
  /** How a server started here writes to disk. */
  readonly sync: Sync
  readonly say: (line: string) => void
}

/** An attachment, and the program that it was started from where this process did that. */
interface Joined {
  readonly attachment: Attachment
  readonly binary?: string
}

/** How long a process that leaves waits for a start that is under way, in milliseconds. */
const farewell = 2_000

/** A port can be snatched between choosing and listening; more failures than that have another cause. */
const mostStarts = 3

/** Starts the server; `undefined` when another process was quicker. */
const start = async (options: SessionOptions, over: () => boolean): Promise<Joined | undefined> => {
  const { project, environment, sync, say } = options
  const binary = await findBinary(environment, project.root, say)
  const { generation, held } = await readLock(project.directory)
  if (held) return undefined
  const attachment = await startServer({ project, environment, binary, sync, over }, generation)
  if (attachment === undefined) return undefined
  const { version, url } = attachment.record
  say(
    `arpeggio: started nats-server ${version} on ${url}, data in ${project.shown} (development only)`
  )
  return { attachment, binary }
}

/** Joins the project's server, or starts it where that is allowed; `undefined` when there is none and there shall be none. */
const joinOrStart = async (
  options: SessionOptions,
  mayStart: boolean,
  over: () => boolean
): Promise<Joined | undefined> => {
  for (let failures = 0; ;) {
    const attachment = await joinServer(options.project, over)
    if (attachment !== undefined) return { attachment }
    if (!mayStart || over()) return undefined
    try {
      const started = await start(options, over)
      if (started !== undefined) return started
    } catch (thrown) {
      failures += 1
      if (failures >= mostStarts) throw thrown
    }
  }
}

/** The port that is asked for, where the server has another. Whoever started it may have found that port taken. */
const missedPort = (options: SessionOptions, record: ServerRecord): number | undefined => {
  const asked = askedPort(options.environment)
  const has = asked === record.port || asked === record.asked
  return asked === undefined || asked === 0 || has ? undefined : asked
}

/** Whether a server runs otherwise than this process wants it, and this process may start another. */
const isUnfit = (options: SessionOptions, record: ServerRecord): boolean =>
  options.mayStart &&
  (missedPort(options, record) !== undefined ||
    (options.sync === "always" && record.sync !== "always"))

/** The same as `joinOrStart`, but a server with other settings that only lingers, and that nobody else needs, is not joined. */
const joinFitting = async (
  options: SessionOptions,
  mayStart: boolean
): Promise<Joined | undefined> => {
  const joined = await joinOrStart(options, mayStart, () => false)
  if (joined === undefined || joined.binary !== undefined) return joined
  const { attachment } = joined
  if (isUnfit(options, attachment.record) && (await attachment.end())) {
    return joinFitting(options, mayStart)
  }
  const missed = missedPort(options, attachment.record)
  if (missed === undefined) return joined
  attachment.leave()
  throw unreachable(
    `ARPEGGIO_PORT asks for port ${missed}, but this project's NATS server runs already, on ${attachment.record.port}. End the processes that use it, or leave ARPEGGIO_PORT out.`
  )
}

/** The server as this process sees it, until it releases it. */
export class Session {
  readonly url: string
  readonly sync: Sync
  /** The program that the server was started from, where this process did that. */
  readonly binary?: string
  readonly #options: SessionOptions
  readonly #released = new AbortController()
  readonly #following: Promise<void>
  #attachment: Attachment | undefined

  constructor(options: SessionOptions, { attachment, binary }: Joined) {
    const { url, sync } = attachment.record
    this.url = url
    this.sync = sync
    if (binary !== undefined) this.binary = binary
    // Whoever starts it again keeps the promise that the others were given.
    this.#options = { ...options, sync }
    this.#attachment = attachment
    this.#following = this.#follow()
  }

  async release(most: number = farewell): Promise<void> {
    this.#released.abort()
    this.#attachment?.leave()
    await within(most, this.#following)
  }

  get #isReleased(): boolean {
    return this.#released.signal.aborted
  }

  async #follow(): Promise<void> {
    while (this.#attachment !== undefined) {
      await this.#attachment.gone
      this.#attachment = this.#isReleased ? undefined : await this.#again()
      // Released while it was being started again.
      if (this.#isReleased) this.#attachment?.leave()
    }
  }

  /** The next attachment; `undefined` when none is needed any more. */
  async #again(): Promise<Attachment | undefined> {
    let complaint = ""
    while (!this.#isReleased) {
      try {
        const attachment = await this.#joinAgain()
        if (attachment !== undefined) return attachment
      } catch (thrown) {
        const reason = reasonOf(thrown)
        if (reason !== complaint) {
          this.#options.say(`arpeggio: the NATS server went away. ${reason}`)
          complaint = reason
        }
      }
      await idle(500, this.#released.signal)
    }
    return undefined
  }

  async #joinAgain(): Promise<Attachment | undefined> {
    const { mayStart, say } = this.#options
    const { attachment } =
      (await joinOrStart(this.#options, mayStart, () => this.#isReleased)) ?? {}
    if (attachment === undefined) return undefined
    const { url } = attachment.record
    if (url !== this.url) {
      say(
        `arpeggio: the NATS server came back on ${url}, because something else listens on its old port. ` +
          `Start the processes again that still look for it on ${this.url}`
      )
    }
    return attachment
  }
}

/**
 * Attaches this process to the project's server. `undefined` when there is none and this process may not start one, or
 * not yet: with `join` nothing is started, except when a server that was joined is lost.
 */
export const openSession = async (
  options: SessionOptions,
  how: "join" | "start"
): Promise<Session | undefined> => {
  const joined = await joinFitting(options, options.mayStart && how === "start")
  return joined === undefined ? undefined : new Session(options, joined)
}
