/** The broker of real deployments keeps the contract, on a real server. */
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"
import { brokerSuite } from "./broker-suite.ts"

const lease = 1_000

brokerSuite("nats", async () => {
  const server = await startNatsServer()
  const options = { servers: server.url, namespace: "conf" }
  const second = () => connectNats(options, { lease })
  const broker = await second()
  const close = async (): Promise<void> => {
    await broker.close()
    await server.stop()
  }
  return { broker, lease, second, close }
})
