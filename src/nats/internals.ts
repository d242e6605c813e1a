/** What the client library keeps to itself and we cannot do without. */
import type { Socket } from "node:net"
import type { NatsConnection } from "@nats-io/transport-node"

interface Inside {
  readonly protocol?: {
    readonly transport?: { readonly socket?: Socket; readonly signal?: { resolve?: () => void } }
    readonly flushPending?: () => void
    readonly servers?: { readonly servers?: ReadonlyArray<{ lastConnect: number }> }
  }
}

/**
 * Lets go of the socket. The library first waits until all that was written has left this process, which never happens
 * when the other side takes nothing any more.
 */
export const cut = (connection: NatsConnection): void => {
  const { protocol } = connection as unknown as Inside
  protocol?.transport?.socket?.destroy()
}

/** Lets the loop end that reads from a connection that is closed: it waits for more for ever, and looks like work to be done. */
export const endReading = (connection: NatsConnection): void => {
  const { protocol } = connection as unknown as Inside
  protocol?.transport?.signal?.resolve?.()
}

/** Forgets when each server was last tried, so that the next attempt begins at once. */
export const forgetAttempts = (connection: NatsConnection): void => {
  const { protocol } = connection as unknown as Inside
  for (const server of protocol?.servers?.servers ?? []) server.lastConnect = 0
}

/** Writes to the socket at once what the library has gathered. */
export const writeNow = (connection: NatsConnection): void => {
  const { protocol } = connection as unknown as Inside
  protocol?.flushPending?.()
}
