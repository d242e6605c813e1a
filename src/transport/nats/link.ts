/** One connection to NATS that comes back by itself, and says when it does. */
import { connect, createInbox, credsAuthenticator } from "@nats-io/transport-node"
import type { Msg, NatsConnection, Subscription as NatsSubscription } from "@nats-io/transport-node"
import type { Subscription } from "../broker.ts"
import { after } from "../time.ts"
import { authenticationOf, type NatsOptions, readable, serversOf } from "./options.ts"
import { connectionRefused, unfit } from "./refusal.ts"

export interface Link {
  readonly connection: NatsConnection
  readonly server: string
  readonly version: string
  /** This process's own reply subjects begin here. */
  readonly inbox: string
  connected(): boolean
  /** The most bytes the server takes in one message, headers included. */
  maxPayload(): number
  /** Sends without waiting for anything. False when there is no connection; then nothing was sent. */
  send(subject: string, payload: Uint8Array, reply?: string): boolean
  /** `refused` is called when the server does not allow the subscription. */
  subscribe(
    subject: string,
    receive: (message: Msg) => void,
    refused?: (error: Error) => void
  ): NatsSubscription
  onReconnect(callback: () => void): Subscription
  /** Told what the server would not let us publish to. */
  onRefused(callback: (subject: string) => void): void
  readonly ended: Promise<Error | undefined>
  close(): Promise<void>
}

const open = (options: NatsOptions, inboxPrefix: string): Promise<NatsConnection> => {
  const { credentials, ...authentication } = authenticationOf(options)
  return connect({
    servers: serversOf(options).map(readable),
    name: options.name ?? "arpeggio",
    inboxPrefix,
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // A server that is silent on an open connection is left after 6 to 9 s: an election takes as long.
    pingInterval: 3_000,
    timeout: 5_000,
    ...authentication,
    ...(credentials === undefined
      ? {}
      : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) })
  })
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

/** How long an outage lasts before a person is told, in milliseconds: a restart in development is shorter. */
const sayLostAfter = 2_000

/** How long a polite end may take before the connection is simply cut. */
const farewell = 2_000

export const openLink = async (options: NatsOptions): Promise<Link> => {
  const server = serversOf(options).map(readable).join(", ")
  // `_` is no owner's name, so that no reply of a run can arrive here.
  const inbox = createInbox(`_INBOX.${options.namespace}._`)
  const connection = await open(options, inbox).catch((error: unknown) => {
    throw connectionRefused(server, error)
  })
  const info = connection.info!
  const refusal = unfit(connection.getServer(), info)
  if (refusal !== undefined) {
    await connection.close()
    throw refusal
  }
  let connected = true
  let closing = false
  let maxPayload = info.max_payload
  const reconnected = new Set<() => void>()
  const refused = new Set<(subject: string) => void>()

  let found: () => void = () => {}
  const lost = (): void => {
    const cancel = after(sayLostAfter, () => {
      if (closing || connection.isClosed()) return
      options.say?.(`arpeggio: lost NATS at ${server}; trying to connect again until it is back`)
      found = () => options.say?.(`arpeggio: connected to NATS at ${server} again`)
    })
    found = cancel
  }

  const watch = async (): Promise<void> => {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") {
        if (connected && !closing) lost()
        connected = false
      }
      if (status.type === "reconnect") {
        found()
        found = () => {}
        connected = true
        maxPayload = connection.info?.max_payload ?? maxPayload
        for (const callback of reconnected) loudly(callback)
      }
      if (status.type === "error") {
        const { operation, subject } = status.error as { operation?: string; subject?: string }
        if (operation !== "publish" || subject === undefined) continue
        for (const callback of refused) callback(subject)
      }
    }
  }
  void watch()

  const up = (): boolean => connected && !connection.isClosed()

  return {
    connection,
    server: readable(connection.getServer()),
    version: info.version,
    inbox,
    connected: up,
    maxPayload: () => maxPayload,
    send: (subject, payload, reply = "") => {
      if (!up()) return false
      try {
        connection.publish(subject, payload, { reply })
        return true
      } catch {
        // It is being closed, which `ended` tells to whoever wants to know.
        return false
      }
    },
    subscribe: (subject, receive, refused) =>
      connection.subscribe(subject, {
        callback: (error, message) =>
          loudly(() => (error === null ? receive(message) : refused?.(error)))
      }),
    onReconnect: (callback) => {
      reconnected.add(callback)
      return { stop: () => void reconnected.delete(callback) }
    },
    onRefused: (callback) => {
      refused.add(callback)
    },
    ended: connection.closed().then((error) => {
      connected = false
      if (closing) return undefined
      return error instanceof Error ? error : new Error("the connection to NATS was closed")
    }),
    close: async () => {
      if (closing) return
      closing = true
      if (connected && !connection.isClosed()) {
        const late = setTimeout(() => void connection.close(), farewell)
        await connection.drain().catch(() => connection.close())
        clearTimeout(late)
        return
      }
      await connection.close()
    }
  }
}
