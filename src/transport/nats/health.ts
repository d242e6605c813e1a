/** Asks the connection and the server how they are, in less than two seconds. */
import type { BrokerFacts } from "../broker.ts"
import type { BrokerError } from "../failure.ts"
import { healthOf, type Health } from "../health.ts"
import { serverFailure } from "./answers.ts"
import type { Api } from "./api.ts"
import type { Link } from "./link.ts"
import type { Multiplexer } from "./multiplexer.ts"
import type { RoomWatch } from "./room.ts"
import type { Writes } from "./storing.ts"
import type { StreamInfo } from "./topology.ts"

/** For the answer to one question, in milliseconds. */
const patience = 1_500

const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1)

const disconnected = (link: Link, since: number): string => {
  const { refusal } = link.presence
  const state = `not connected to NATS at ${link.server} for ${seconds(since)} s`
  return refusal === undefined
    ? `${state}; trying until it is back. Is the server running, and can it be reached from here?`
    : `${state}: the server does not let us in ("${refusal}"). Restore the user, password, token or credentials there, or start this process with valid ones.`
}

const nothingKnown: Awaited<ReturnType<RoomWatch["health"]>> = {}

const mute = (since: number): string =>
  `the server is connected, but requests to store something have gone unanswered for ${seconds(since)} s. Likely its disk is full or does not respond: look at the server's log and at its store directory, make room, and restart the server (a stream that could not be written to stays blocked until then). What was accepted before is kept.`

export const makeHealth = (options: {
  readonly link: Link
  readonly multiplexer: Multiplexer
  readonly writes: Writes
  readonly api: Api
  readonly stream: string
  /** When the stream was made that this process connected to. */
  readonly made: string
  readonly facts: BrokerFacts
  readonly room: Pick<RoomWatch, "health">
}): (() => Promise<Health>) => {
  const { link, multiplexer, writes, api, stream, made, facts, room } = options
  const notes = new Set<string>()
  let end: BrokerError | "closed" | undefined
  void link.ended.then((reason) => {
    end = reason ?? "closed"
  })

  const replaced = (created: string): string =>
    `the stream ${stream} was deleted and made again (${created}) while this process was connected: what it had held is gone. Find out who deleted it; this is said until this process starts again.`

  const problemOfStream = async (): Promise<string | undefined> => {
    const doing = `looking at the stream ${stream}`
    try {
      const info = await api<StreamInfo>(`STREAM.INFO.${stream}`, {}, doing, { patience })
      if (info.error !== undefined) return serverFailure(doing, info.error).message
      if (info.created !== made) notes.add(replaced(info.created))
      return undefined
    } catch (cause) {
      if (!link.connected()) return undefined
      return `JetStream does not answer, although the connection stands: ${(cause as Error).message}`
    }
  }

  return async () => {
    const [asked, left] = link.connected()
      ? await Promise.all([problemOfStream(), room.health()])
      : [undefined, nothingKnown]
    const { lostAt, lastHeard } = link.presence
    const problems: Array<string> = []
    if (end === "closed") problems.push("the connection was closed by this process: open another")
    else if (end !== undefined) problems.push(end.message)
    else if (lostAt !== undefined) problems.push(disconnected(link, lostAt))
    if (asked !== undefined) problems.push(asked)
    const silent = multiplexer.unansweredSince
    if (silent !== undefined && link.connected()) problems.push(mute(silent))
    // What is known of the limit says more.
    if (writes.full !== undefined && left.problem === undefined) problems.push(writes.full)
    if (left.problem !== undefined) problems.push(left.problem)
    const connection = {
      connected: link.connected(),
      lastHeard,
      ...(lostAt === undefined ? {} : { disconnectedFor: Date.now() - lostAt })
    }
    return healthOf(facts, connection, problems, [...notes], left.room)
  }
}
