/** Notices that a server went away: a connection that does nothing but stay open. */
import { connect } from "node:net"
import { greeting } from "./probe.ts"

export interface Watch {
  /** Resolves when the server has closed the connection, or was not there at all. */
  readonly gone: Promise<void>
  stop(): void
}

/** Watches 127.0.0.1 on the port without keeping the process alive. */
export const watch = (port: number): Watch => {
  const socket = connect({ host: "127.0.0.1", port })
  socket.unref()
  const gone = new Promise<void>((resolve) => {
    socket.once("close", () => resolve())
  })
  socket.on("error", () => socket.destroy())
  socket.on("connect", () => socket.write(greeting))
  socket.on("data", (chunk: Buffer) => {
    // The server hangs up on whoever lets its pings go unanswered.
    if (chunk.includes("PING\r\n")) {
      socket.write("PONG\r\n")
    }
  })
  return { gone, stop: () => socket.destroy() }
}
