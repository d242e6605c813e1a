/**
 * Knows the sockets with which a connection is made again.
 *
 * Where packets to the server vanish, the client library gives an attempt up after its timeout and forgets the socket, which
 * goes on trying for two minutes and keeps the process alive meanwhile. Node tells of each socket as it is made: those
 * that are made while the library dials are its own.
 *
 * An attempt that fails leaves promises behind that nobody ever keeps. It is made as something of ours, so that no process
 * that looks at what its program still waits for is kept by them.
 */
import { subscribe } from "node:diagnostics_channel"
import type { Socket } from "node:net"
import { runAsOurs } from "../define/context.ts"
import type { NatsConnection } from "@nats-io/transport-node"

/** What the client library keeps to itself, as far as it is there. */
interface Library {
  /** Made anew for each attempt, by `prepare`. */
  readonly transport?: { dial?: (to: unknown) => unknown }
  prepare?: () => unknown
  /** One attempt; begins with `prepare`. */
  dial?: (to: unknown) => unknown
}

/** Of the connection that is dialling in this very moment. */
let sockets: Set<Socket> | undefined
let listens = false

const note = (message: unknown): void => {
  const { socket } = message as { readonly socket: Socket }
  const own = sockets
  if (own === undefined) return
  const forget = (): void => void own.delete(socket)
  own.add(socket)
  socket.once("connect", forget)
  socket.once("close", forget)
}

/** Follows the attempts of one connection, and tells those that fail; the answer gives up those that have not come about. */
export const followDialing = (
  connection: NatsConnection,
  failed: (error: unknown, server: string) => void
): (() => void) => {
  const { protocol: library = {} } = connection as { readonly protocol?: Library }
  if (!listens) subscribe("net.client.socket", note)
  listens = true
  const own = new Set<Socket>()
  const { prepare, dial } = library
  if (dial !== undefined) {
    library.dial = (to) =>
      runAsOurs(async () => {
        try {
          return await dial.call(library, to)
        } catch (error) {
          failed(error, String(to))
          throw error
        }
      })
  }
  if (prepare !== undefined) {
    library.prepare = () => {
      const prepared = prepare.call(library)
      const { transport } = library
      const dial = transport?.dial
      if (transport === undefined || dial === undefined) return prepared
      transport.dial = (to) => {
        sockets = own
        try {
          return dial.call(transport, to)
        } finally {
          sockets = undefined
        }
      }
      return prepared
    }
  }
  return () => {
    for (const socket of own) socket.destroy()
  }
}
