/** One connection to NATS that comes back by itself, and says when it does. */
import { connect, createInbox, errors } from "@nats-io/transport-node"
import type { Msg, NatsConnection, Subscription as NatsSubscription } from "@nats-io/transport-node"
import type { Subscription } from "../broker/broker.ts"
import type { BrokerError } from "../broker/errors.ts"
import { within } from "../broker/time.ts"
import { followDialing } from "./dialing.ts"
import { failure } from "./messages.ts"
import { type Address, addressesIn, shown } from "./address.ts"
import { type Login, loginOf } from "./login.ts"
import { whyNotConnected } from "./not-connected.ts"
import type { NatsOptions } from "./options.ts"
import { cut, endReading, writeNow } from "./internals.ts"
import { leaveLameDuck } from "./lame-duck.ts"
import { makePause } from "./reconnecting.ts"
import { Outbox } from "./write-batcher.ts"
import { Presence } from "./connection-status.ts"
import { unfit } from "./connect-errors.ts"

export interface Link {
  readonly connection: NatsConnection
  readonly server: string
  readonly version: string
  /** The JetStream domain of the connected server, if it has one. */
  readonly domain: string | undefined
  /** This process's own reply subjects begin here. */
  readonly inbox: string
  connected(): boolean
  readonly presence: Presence
  /** The most bytes the server takes in one message, headers included, as it said last: a limit that is changed while it runs it tells only whoever connects. */
  maxPayload(): number
  /** Sends without waiting for anything, at the end of this turn of the event loop. False when there is no connection; then nothing is sent. */
  send(subject: string, payload: Uint8Array, reply?: string): boolean
  readonly outbox: Outbox
  /** Writes what was sent to the socket now. What does not fit into it any more is not waited for. */
  flush(): void
  /** `refused` is called when the server does not allow the subscription. */
  subscribe(
    subject: string,
    receive: (message: Msg) => void,
    refused?: (error: Error) => void
  ): NatsSubscription
  onReconnect(callback: () => void): Subscription
  /** Told that the connection has ended, what the server said against us before, and whether we have left it because it was silent. */
  onLost(callback: (said: string | undefined, left: boolean) => void): void
  /** Told what the server would not let us publish to. */
  onRefused(callback: (subject: string) => void): void
  readonly ended: Promise<BrokerError | undefined>
  /** Ends the connection for good, because going on would be worse. */
  fail(reason: BrokerError): void
  /** Takes leave within so many milliseconds: what was sent before arrives first, if the server still listens. */
  close(most: number): Promise<void>
}

const open = async (
  options: NatsOptions,
  addresses: ReadonlyArray<Address>,
  login: Login,
  inboxPrefix: string
): Promise<NatsConnection> => {
  let opened: NatsConnection | undefined
  opened = await connect({
    servers: addresses.map(({ server }) => server),
    name: options.name ?? "arpeggio",
    inboxPrefix,
    noAsyncTraces: true,
    // For ever, also while we are not let in: credentials that were taken away by mistake come back. A first connection fails at once all the same.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: makePause(() => opened),
    // A silent peer is noticed after two unanswered pings, within 6 to 9 s: an election takes as long.
    pingInterval: 3_000,
    maxPingOut: 2,
    // Of one attempt: short, because an attempt made while the server was unreachable keeps the next from beginning.
    timeout: 4_000,
    ...login.options
  })
  return opened
}

/** An exception in a callback would end the client's read loop in silence: let the process hear of it instead. */
const loudly = (work: () => void): void => {
  try {
    work()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** How long the client library may take to leave a server that says nothing, in milliseconds. */
const leaving = 1_000

/** What a server says so shortly before the end is the reason for it, in milliseconds. */
const lastWords = 1_000

/** Ends the connection now, also where the library waits for the other side, or for a connection that it is about to make. */
const leave = async (connection: NatsConnection): Promise<void> => {
  const left = connection.close()
  cut(connection)
  await within(leaving, left)
  endReading(connection)
}

let openNow = 0

/** How many connections this process has open. */
export const openLinks = (): number => openNow

export const openLink = async (options: NatsOptions): Promise<Link> => {
  const addresses = addressesIn(options.servers)
  const server = shown(addresses)
  const login = loginOf(options, addresses)
  // `_` is no owner's name, so that no reply of a run can arrive here.
  const inbox = createInbox(`_INBOX.${options.namespace}._`)
  const connection = await open(options, addresses, login, inbox).catch(async (error: unknown) => {
    throw await whyNotConnected(addresses, login, error)
  })
  const info = connection.info!
  // Who answers for another domain is asked later.
  const refusal = options.domain === undefined ? unfit(connection.getServer(), info) : undefined
  if (refusal !== undefined) {
    await connection.close()
    throw refusal
  }
  openNow += 1
  const presence = new Presence(connection, addresses, login, options.say)
  const stopDialing = followDialing(connection, presence.failed)
  const outbox = new Outbox(connection, () => presence.connected)
  let closing = false
  let failed: BrokerError | undefined
  let said = info
  const reconnected = new Set<() => void>()
  const refused = new Set<(subject: string) => void>()
  const lost = new Set<(said: string | undefined, left: boolean) => void>()
  let against: { readonly words: string; readonly at: number } | undefined
  let left = false
  let cutting: NodeJS.Timeout | undefined

  const watch = async (): Promise<void> => {
    for await (const status of connection.status()) {
      // What was to be cut has ended: the next connection is another, and may be here within that second.
      if (status.type === "disconnect") clearTimeout(cutting)
      if (status.type === "disconnect" && presence.connected) {
        // It says many things that are not the end.
        const words = Date.now() - (against?.at ?? 0) < lastWords ? against?.words : undefined
        for (const callback of lost) callback(words, left)
      }
      if (presence.follow(status)) {
        against = undefined
        left = false
        for (const callback of reconnected) loudly(callback)
      }
      if (status.type === "ldm") leaveLameDuck(connection, addresses.length > 1, presence.leaving)
      if (status.type === "staleConnection") {
        left = true
        cutting = setTimeout(() => cut(connection), leaving).unref()
      }
      if (status.type === "error") {
        if (status.error instanceof errors.ProtocolError) {
          against = { words: status.error.message, at: Date.now() }
        }
        const { operation, subject } = status.error as { operation?: string; subject?: string }
        if (operation !== "publish" || subject === undefined) continue
        for (const callback of refused) callback(subject)
      }
    }
  }
  void watch()

  return {
    connection,
    server: connection.getServer(),
    version: info.version,
    domain: (info as { readonly domain?: string }).domain,
    inbox,
    connected: () => presence.connected,
    presence,
    maxPayload: () => {
      // Another server's, after a reconnection; the same server's, when it tells of itself in between.
      said = connection.info ?? said
      return said.max_payload
    },
    outbox,
    flush: () => {
      outbox.flush()
      writeNow(connection)
    },
    send: (subject, payload, reply = "") => {
      if (!presence.connected) return false
      outbox.post(subject, payload, { reply })
      return true
    },
    subscribe: (subject, receive, refused) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          presence.lastHeard = Date.now()
          loudly(() => (error === null ? receive(message) : refused?.(error)))
        }
      }),
    onReconnect: (callback) => {
      reconnected.add(callback)
      return { stop: () => void reconnected.delete(callback) }
    },
    onLost: (callback) => {
      lost.add(callback)
    },
    onRefused: (callback) => {
      refused.add(callback)
    },
    ended: connection.closed().then((error) => {
      openNow -= 1
      presence.end()
      stopDialing()
      if (closing) return failed
      return failure(
        "Closed",
        `the connection to NATS at ${server} ended for good: ${error instanceof Error ? error.message : "nobody said why"}. Connect again.`
      )
    }),
    fail: (reason) => {
      failed ??= reason
      closing = true
      void connection.close()
    },
    close: async (most) => {
      if (closing) return
      closing = true
      outbox.flush()
      // The library's own farewell waits for a server that may say nothing any more.
      if (presence.connected && most > 0) await within(most, connection.drain())
      await leave(connection)
    }
  }
}
