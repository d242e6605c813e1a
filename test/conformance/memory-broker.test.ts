/** The memory broker keeps the contract: on a clock of its own, on the machine's, and with everything shuffled. */
import { memoryServer, type MemoryServerOptions } from "../../src/testing/memory/server.ts"
import { brokerSuite, type BrokerHarness } from "./broker-suite.ts"

const onManualClock = (options: MemoryServerOptions) => async (): Promise<BrokerHarness> => {
  const server = memoryServer({ ...options, clock: "manual" })
  const broker = server.connect()
  return {
    broker,
    lease: options.lease ?? 30_000,
    second: async () => server.connect(),
    wait: async (milliseconds) => {
      await server.settled()
      server.clock.advance(milliseconds)
      await server.settled()
    },
    close: () => broker.close()
  }
}

brokerSuite("memory, manual clock", onManualClock({}))
for (const seed of [1, 2, 3]) {
  brokerSuite(`memory, manual clock, seed ${seed}`, onManualClock({ seed, lease: 1_000 }))
}

brokerSuite("memory, real clock", async () => {
  const server = memoryServer({ lease: 300, seed: 4 })
  const broker = server.connect()
  return { broker, lease: 300, second: async () => server.connect(), close: () => broker.close() }
})
