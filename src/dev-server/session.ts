/** Keeps a process tied to its project's server for as long as it wants: whoever is left when the owner goes starts it again. */
import { findBinary } from "./binary.ts"
import { readLock } from "./lock.ts"
import { startOwn } from "./start.ts"
import { idle } from "./poll.ts"
import type { Project } from "./project.ts"
import { within } from "../transport/time.ts"
import type { Sync } from "../transport/nats/found-server.ts"
import { askedPort } from "./settings.ts"
import { joinServer } from "./attachment.ts"
import type { Tie } from "./attachment.ts"
import { reasonOf, unreachable } from "./unreachable.ts"

/** What a process brings to its project's server. */
export interface Keeper {
  readonly project: Project
  readonly environment: NodeJS.ProcessEnv
  /** Whether this process may start the server when nobody keeps it. */
  readonly mayStart: boolean
  /** How a server started here writes to disk. */
  readonly sync: Sync
  readonly say: (line: string) => void
}

/** The server as this process sees it. */
export interface Kept {
  readonly url: string
  readonly owner: boolean
  readonly binary?: string
  readonly sync: Sync
  release(most?: number): Promise<void>
}

/** How long a process waits for its server to end, in milliseconds: it ends without being waited for, too. */
const farewell = 2_000

/** A port can be snatched between choosing and listening; more failures than that have another cause. */
const starts = 3

/** Joins the project's server, or starts it where that is allowed; `undefined` when there is none and there shall be none. */
const tie = async (
  keeper: Keeper,
  mayStart: boolean,
  over: () => boolean
): Promise<Tie | undefined> => {
  for (let failures = 0; ;) {
    const joined = await joinServer(keeper.project, over)
    if (joined !== undefined || !mayStart || over()) {
      return joined
    }
    const binary = await findBinary(keeper.environment, keeper.project.root, keeper.say)
    const { generation, held } = await readLock(keeper.project.directory)
    try {
      const own = held
        ? undefined
        : await startOwn(keeper.project, keeper.environment, binary, keeper.sync, generation, over)
      if (own !== undefined) {
        const { version, url } = own.record
        keeper.say(
          `arpeggio: started nats-server ${version} on ${url}, data in ${keeper.project.shown} (development only)`
        )
        return own
      }
    } catch (thrown) {
      failures += 1
      if (failures >= starts) {
        throw thrown
      }
    }
  }
}

/**
 * Ties this process to the project's server. `undefined` when nobody keeps one and this process may not, or
 * not yet: with `join` nothing is started now, but still when a server that was joined goes away.
 */
export const keepServer = async (
  keeper: Keeper,
  how: "join" | "start"
): Promise<Kept | undefined> => {
  const first = await tie(keeper, keeper.mayStart && how === "start", () => false)
  if (first === undefined) {
    return undefined
  }
  const asked = askedPort(keeper.environment)
  const { port } = first.record
  // Whoever started it may have found that port taken.
  if (asked !== undefined && asked > 0 && asked !== port && asked !== first.record.asked) {
    await first.leave()
    throw unreachable(
      `ARPEGGIO_PORT asks for port ${asked}, but this project's NATS server runs already, on ${port}. End the processes that use it, or leave ARPEGGIO_PORT out.`
    )
  }
  // Whoever takes over keeps the promise that the others were given.
  const sync = first.record.sync ?? "interval"
  const successor: Keeper = { ...keeper, sync }
  let current: Tie | undefined = first
  const released = new AbortController()

  const again = async (): Promise<void> => {
    let complaint = ""
    while (!released.signal.aborted && current === undefined) {
      try {
        current = await tie(successor, keeper.mayStart, () => released.signal.aborted)
      } catch (thrown) {
        const reason = reasonOf(thrown)
        if (reason !== complaint) {
          keeper.say(`arpeggio: the NATS server went away. ${reason}`)
          complaint = reason
        }
      }
      if (!released.signal.aborted && current === undefined) {
        await idle(500, released.signal)
      }
    }
    if (current !== undefined && current.record.url !== first.record.url) {
      keeper.say(
        `arpeggio: the NATS server came back on ${current.record.url}, because something else listens on its old port. ` +
          `Start the processes again that still look for it on ${first.record.url}`
      )
    }
  }
  const follow = async (): Promise<void> => {
    while (!released.signal.aborted && current !== undefined) {
      await current.gone
      if (!released.signal.aborted) {
        current = undefined
        await again()
      }
    }
  }
  const following = follow()

  const release = async (): Promise<void> => {
    released.abort()
    const left = current
    await left?.leave()
    await following
    if (current !== left) {
      // A takeover was under way, and has ended with a tie nobody wants any more.
      await current?.leave()
    }
  }
  let releasing: Promise<void> | undefined

  return {
    url: first.record.url,
    owner: first.owner,
    sync,
    ...(first.binary === undefined ? {} : { binary: first.binary }),
    // Once only: later on, the lock and its record are somebody else's.
    release: async (most = farewell) => {
      releasing ??= release()
      if (!(await within(most, releasing))) current?.letGo()
    }
  }
}
