/** The canvas cases' layer on three servers: everything is stored three times, each connection may be to another server. */
import type { Layer } from "../canvas/layer.ts"
import { places } from "../canvas/layer.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { startCluster } from "./servers.ts"

export const clusterLayer: Layer = {
  name: "cluster of three",
  executes: true,
  large: true,
  open: async (tasks, options = {}) => {
    const cluster = await startCluster()
    const connect = (name: string) =>
      connectNats({ servers: cluster.url, namespace: "canvas", replicas: 3, name })
    const { app, close } = await places(connect, tasks, options)
    return {
      app,
      close: async () => {
        await close()
        await cluster.stop()
      }
    }
  }
}
