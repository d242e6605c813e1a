/**
 * What three copies cost: `tsx test/cluster/cost.ts` plays the same load on one server and on three, taking turns, and
 * prints a JSON line each.
 */
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { tail } from "../chaos/tasks.ts"
import { startNatsServer } from "../nats-server.ts"
import { startCluster } from "./servers.ts"
import { startWorkers } from "./workers.ts"

const namespace = "cost"
const outstanding = 500

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const measure = async (url: string, replicas: 1 | 3) => {
  const broker = await connectNats({ servers: url, namespace, replicas })
  const workers = await startWorkers({
    url,
    namespace,
    count: 1,
    lease: 30_000,
    concurrency: 500,
    ledger: false
  })
  const app = await clientOver(broker)
  const many = async (total: number, lanes: number): Promise<void> => {
    let left = total
    const lane = async (): Promise<void> => {
      while (left-- > 0) await app.run(tail(1, 2))
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }
  await many(2_000, outstanding)
  const times: Array<number> = []
  for (let at = 0; at < 500; at++) {
    const began = performance.now()
    await app.run(tail(1, 2))
    times.push(performance.now() - began)
  }
  const tasks = 10_000
  const began = performance.now()
  await many(tasks, outstanding)
  const seconds = (performance.now() - began) / 1_000
  await app.close()
  await workers.stop()
  const p50 = Math.round(median(times) * 100) / 100
  return { replicas, roundTripMilliseconds: p50, tasksPerSecond: Math.round(tasks / seconds) }
}

for (let round = 0; round < 3; round++) {
  const server = await startNatsServer()
  console.log(JSON.stringify(await measure(server.url, 1)))
  await server.stop()
  const cluster = await startCluster()
  console.log(JSON.stringify(await measure(cluster.url, 3)))
  await cluster.stop()
}
