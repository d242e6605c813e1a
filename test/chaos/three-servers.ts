/** Three servers in the place of one: what kills the broker of a storm kills the server that leads its stream. */
import { streamOf } from "../../src/encode/subjects.ts"
import { startCluster } from "../cluster/servers.ts"
import type { NatsServer } from "../nats-server.ts"

const alone = (what: string): never => {
  throw new Error(`three servers have no ${what}: this storm is for one`)
}

export const startThreeServers = async (namespace: string): Promise<NatsServer> => {
  const cluster = await startCluster()
  const stream = streamOf(namespace)
  let killed: Promise<void> = Promise.resolve()
  return {
    url: cluster.url,
    get port() {
      return alone("port")
    },
    get pid() {
      return alone("process")
    },
    kill: () => {
      killed = cluster.leaderOf(stream).then((leader) => leader.kill())
    },
    restart: async () => {
      await killed
      await cluster.whole(stream)
    },
    reload: () => alone("configuration that changes"),
    stop: async () => {
      await killed
      await cluster.stop()
    }
  }
}
