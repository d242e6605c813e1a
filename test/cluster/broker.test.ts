/** The broker's contract on a cluster, where every connection may be to another server. */
import { connectNats } from "../../src/nats/broker.ts"
import { brokerSuite } from "../conformance/broker-suite.ts"
import { startCluster } from "./servers.ts"

const lease = 1_000

brokerSuite("cluster of three", async () => {
  const cluster = await startCluster()
  const options = { servers: cluster.url, namespace: "conf", replicas: 3 } as const
  const second = () => connectNats(options, { lease })
  const broker = await second()
  const close = async (): Promise<void> => {
    await broker.close()
    await cluster.stop()
  }
  return { broker, lease, second, close }
})
