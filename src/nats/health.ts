/** Asks the connection and the server how they are, in less than two seconds. */
import type { BrokerFacts } from "../broker/broker.ts"
import type { BrokerError } from "../broker/errors.ts"
import { healthOf, type Health } from "../broker/health.ts"
import { elapsed } from "../broker/time.ts"
import { serverFailure } from "./error-codes.ts"
import type { Api } from "./api.ts"
import type { BrokerClock } from "./clock.ts"
import { copiesAway, withoutLeader } from "./copies.ts"
import type { Cuts } from "./cuts.ts"
import type { Link } from "./connection.ts"
import type { Multiplexer } from "./requests.ts"
import type { Rivals } from "./rival.ts"
import type { RoomWatch } from "./room.ts"
import type { SetClock } from "./set-clock.ts"
import type { Writes } from "./publish-request.ts"
import type { StreamInfo } from "./stream.ts"

/** For the answer to one question, in milliseconds. */
const patience = 1_500

const seconds = (since: number): string => ((elapsed() - since) / 1000).toFixed(1)

const disconnected = (link: Link, since: number): string => {
  const { obstacle } = link.presence
  const state = `not connected to NATS at ${link.server} for ${seconds(since)} s`
  return obstacle === undefined
    ? `${state}; trying until it is back. Is the server running, and can it be reached from here?`
    : `${state}: ${obstacle} Trying until then.`
}

const nothingKnown: Awaited<ReturnType<RoomWatch["health"]>> = {}

/** For how long a refusal counts when nothing has been stored since, in milliseconds: whoever waits for health to be well again may store nothing. */
const refusalCounts = 60_000

const isRecent = ({ answeredAt }: Writes): boolean => elapsed() - answeredAt < refusalCounts

const mute = (since: number): string =>
  `the server is connected, but requests to store something have gone unanswered for ${seconds(since)} s. Likely its disk is full or does not respond: look at the server's log and at its store directory, make room, and restart the server (a stream that could not be written to stays blocked until then). What was accepted before is kept.`

/** A server that has answered another write meanwhile is slow, and not stuck. */
const sluggish = (since: number): string =>
  `requests to store something wait for ${seconds(since)} s and more before the server answers: its disk is too slow for what is asked of it. Nothing is lost, and all goes on as slowly. Look at the load of its disk (\`iostat -x\`) and at what else writes to it; \`sync_interval: always\` costs a write to the disk for every record.`

export const makeHealth = (options: {
  readonly link: Link
  readonly cuts: Cuts
  readonly multiplexer: Multiplexer
  readonly writes: Writes
  readonly api: Api
  readonly stream: string
  /** When the stream was made that this process connected to. */
  readonly made: string
  readonly facts: BrokerFacts
  readonly rivals: Rivals
  readonly room: Pick<RoomWatch, "health">
  readonly clock: Pick<BrokerClock, "heard">
  readonly setClock: Pick<SetClock, "problem">
}): (() => Promise<Health>) => {
  const {
    link,
    cuts,
    multiplexer,
    writes,
    api,
    stream,
    made,
    facts,
    rivals,
    room,
    clock,
    setClock
  } = options
  const notes = new Set<string>()
  let end: BrokerError | "closed" | undefined
  void link.ended.then((reason) => {
    end = reason ?? "closed"
  })

  const replaced = (created: string): string =>
    `the stream ${stream} was deleted and made again (${created}) while this process was connected: what it had held is gone. Find out who deleted it; this is said until this process starts again.`

  let away: string | undefined
  const problemOfStream = async (): Promise<string | undefined> => {
    away = undefined
    const began = elapsed()
    const doing = `looking at the stream ${stream}`
    try {
      const info = await api<StreamInfo>(`STREAM.INFO.${stream}`, {}, doing, { patience })
      if (info.error !== undefined) return serverFailure(doing, info.error).message
      clock.heard(info.ts, began)
      const headless = withoutLeader(stream, info.cluster)
      if (headless !== undefined) return headless
      away = copiesAway(stream, info.cluster)
      if (info.created !== made) notes.add(replaced(info.created))
      return undefined
    } catch (cause) {
      if (!link.connected()) return undefined
      return `JetStream does not answer, although the connection stands: ${(cause as Error).message} Look at the load of its machine and of its disk, and at its log.`
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
    const silent = link.connected() ? multiplexer.unansweredSince : undefined
    const unanswered =
      silent === undefined
        ? undefined
        : writes.answeredAt > silent
          ? sluggish(silent)
          : mute(silent)
    // What is known of the limit says more.
    const full = left.problem === undefined && isRecent(writes) ? writes.full : undefined
    const others = [
      asked,
      unanswered,
      cuts.problem(),
      full,
      rivals.problem,
      left.problem,
      setClock.problem()
    ]
    problems.push(...others.filter((problem) => problem !== undefined))
    const connection = {
      connected: link.connected(),
      lastHeard,
      ...(lostAt === undefined ? {} : { disconnectedFor: Math.round(elapsed() - lostAt) })
    }
    return healthOf(facts, {
      connection,
      problems,
      notes: [...notes, away, left.note].filter((note) => note !== undefined),
      room: left.room
    })
  }
}
