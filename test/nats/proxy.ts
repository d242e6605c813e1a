/** A proxy before a server that can swallow its answers: how an answer is lost on purpose. */
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { onTestFinished } from "vitest"

export interface Proxy {
  readonly url: string
  /** From now on nothing the server says arrives. */
  swallow(): void
  /** Cuts every connection; the next ones work. */
  cut(): void
  /** Cuts every connection, and lets none in until what is returned is called. */
  away(): () => void
}

export const proxyTo = async (port: number): Promise<Proxy> => {
  const sockets = new Set<Socket>()
  let swallowing = false
  let closed = false
  const proxy = createServer((client) => {
    if (closed) return void client.destroy()
    const server = connect(port, "127.0.0.1")
    for (const [socket, other] of [
      [client, server],
      [server, client]
    ] as const) {
      sockets.add(socket)
      socket.on("error", () => other.destroy())
      socket.on("close", () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on("data", (chunk) => void server.write(chunk))
    server.on("data", (chunk) => {
      if (!swallowing) client.write(chunk)
    })
  })
  proxy.listen(0, "127.0.0.1")
  await once(proxy, "listening")
  const cut = (): void => {
    swallowing = false
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    cut()
    proxy.close()
  })
  return {
    url: `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    swallow: () => {
      swallowing = true
    },
    cut,
    away: () => {
      closed = true
      cut()
      return () => {
        closed = false
      }
    }
  }
}
