/** Two nats-servers that are joined by a leaf node, each with a JetStream of its own. */
import { connect, type NatsConnection } from "@nats-io/transport-node"
import { expect, onTestFinished, vi } from "vitest"
import { freePort, type NatsServer, type NatsServerOptions } from "../nats-server.ts"
import { serverForTest } from "./fixture.ts"

export interface Pair {
  readonly hub: NatsServer
  readonly leaf: NatsServer
  /** Joins the two; they are apart until then. */
  join(): Promise<void>
}

const open = async (server: NatsServer): Promise<NatsConnection> => {
  const connection = await connect({ servers: server.url })
  onTestFinished(() => connection.close())
  return connection
}

export const pairForTest = async (
  options: {
    readonly hub?: Partial<NatsServerOptions>
    readonly leaf?: Partial<NatsServerOptions>
  } = { hub: { domain: "hub" }, leaf: { domain: "edge" } }
): Promise<Pair> => {
  const port = await freePort()
  const hub = await serverForTest({
    ...options.hub,
    configuration: `server_name: hub\nleafnodes { listen: "127.0.0.1:${port}" }`
  })
  const leaf = await serverForTest({ ...options.leaf, configuration: "server_name: leaf" })
  const join = async (): Promise<void> => {
    await leaf.restart(
      `server_name: leaf\nleafnodes { reconnect: "100ms", remotes: [{ url: "nats://127.0.0.1:${port}" }] }`
    )
    const [near, far] = await Promise.all([open(leaf), open(hub)])
    let heard = false
    far.subscribe("joined", {
      callback: () => {
        heard = true
      }
    })
    const crosses = (): void => {
      near.publish("joined")
      expect(heard, "what is said at the leaf is heard at the hub").toBe(true)
    }
    await vi.waitFor(crosses, { timeout: 30_000, interval: 20 })
  }
  return { hub, leaf, join }
}

/** The same, joined already. */
export const joinedForTest = async (...options: Parameters<typeof pairForTest>): Promise<Pair> => {
  const pair = await pairForTest(...options)
  await pair.join()
  return pair
}
