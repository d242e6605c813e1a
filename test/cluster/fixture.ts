/** What the tests of outages share: a cluster and brokers that end with the test. */
import { onTestFinished } from "vitest"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import type { Timing } from "../../src/nats/timing.ts"
import { streamOf } from "../../src/encode/subjects.ts"
import { type Cluster, startCluster } from "./servers.ts"

export const namespace = "shop"
export const stream: string = streamOf(namespace)

export const clusterForTest = async (count?: number, configuration?: string): Promise<Cluster> => {
  const cluster = await startCluster(count, configuration)
  onTestFinished(() => cluster.stop())
  return cluster
}

/** A connection with all three addresses, or to those of `servers`. */
export const brokerForTest = async (
  servers: { readonly url: string },
  timing: Partial<Timing> = {}
): Promise<Broker> => {
  const broker = await connectNats({ servers: servers.url, namespace, replicas: 3 }, timing)
  onTestFinished(() => broker.close())
  return broker
}
