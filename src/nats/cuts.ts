/** Tells connections that were cut on purpose from those that were lost, says why, and asks for less where that was too much. */
import { elapsed } from "../broker/time.ts"
import type { Flow } from "./flow.ts"
import type { Link } from "./connection.ts"
import type { Timing } from "./timing.ts"

const megabyte = 1024 * 1024

/** Less than this is seldom a reason for a server to end a connection, in bytes. */
const much = 2 * megabyte
/** Where it has just been one, much less is, too. */
const muchAgain = megabyte / 8

const inMegabytes = (bytes: number): string => `${(bytes / megabyte).toFixed(1)} MB`

/** What was known when the connection ended. */
interface End {
  readonly server: string
  /** Bytes that were asked for. */
  readonly asked: number
  /** What the server said against this process, if anything. */
  readonly said: string | undefined
  /** The server had said nothing for so long that this process has left it. */
  readonly left: boolean
}

const unexplained =
  "the connection to NATS was ended, although the server runs on, and nobody has said why; it is there again. If this is told often, look at what lies between (a proxy, a firewall), and for who has closed it in the server's log"

export interface Cuts {
  /** Why a connection was cut a moment ago; nothing once there has been peace for a while. */
  problem(): string | undefined
}

const idOf = ({ connection }: Link): string => connection.info?.server_id ?? ""

const nothingLost =
  "Nothing is lost: what was on its way is asked for again, and calls that were being handed out come again when their lease ends (30 s)"

/** Create it before whatever asks again after a reconnection, so that less is asked for by then. */
export const watchCuts = (
  link: Link,
  flow: Flow,
  timing: Timing,
  say: (line: string) => void
): Cuts => {
  let server = idOf(link)
  let end: End | undefined
  let doubtfulAt = -Infinity
  let last: { readonly words: string; readonly at: number } | undefined

  const isRecent = (at = -Infinity): boolean => elapsed() - at < timing.calm

  const tooMuch = ({ asked, left }: End, sure: boolean): string => {
    const again = isRecent(doubtfulAt)
    if (!sure) doubtfulAt = elapsed()
    if (sure || again) flow.narrow()
    const what = `while up to ${inMegabytes(asked)} were asked for`
    const why = left
      ? `the server has not answered for seconds ${what}: either it stood still, or the network takes so long for so much`
      : `the server has ended the connection without a word ${what}${sure ? "" : ", or has ended itself"}: it does so when more than its max_pending (64 MB unless configured) waits for a client, or when a client reads nothing for its write_deadline (10 s)`
    const now =
      sure || again ? `From now on at most ${inMegabytes(flow.most)} are asked for at a time. ` : ""
    return `${why}. ${nothingLost}. ${now}If it happens again, raise max_pending in the server's configuration, give this process a faster network, or keep its event loop free`
  }

  const said = (words: string): string =>
    /maximum payload/i.test(words)
      ? `the server has ended the connection because of a message that is larger than it takes (max_payload, now ${link.maxPayload()} bytes), which it took before. ${nothingLost}, in smaller parts where it can be. Raise max_payload again if larger messages are needed`
      : `the server has ended the connection with the words "${words}". ${nothingLost}`

  const why = (end: End): string | undefined => {
    if (end.said !== undefined) return said(end.said)
    const sure = !end.left && end.server === idOf(link)
    if (end.asked >= (isRecent(last?.at) ? muchAgain : much)) return tooMuch(end, sure)
    if (sure) say(`arpeggio: ${unexplained}`)
    return undefined
  }

  link.onLost((words, left) => {
    end = { server, asked: flow.asked, said: words, left }
  })
  link.onReconnect(() => {
    const words = end === undefined ? undefined : why(end)
    server = idOf(link)
    end = undefined
    if (words === undefined) return
    last = { words, at: elapsed() }
    say(`arpeggio: ${words}`)
  })
  return {
    problem: () =>
      last !== undefined && isRecent(last.at)
        ? `${last.words}. This is said until there has been none for ${timing.calm / 1000} s`
        : undefined
  }
}
