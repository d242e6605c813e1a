/** What the tests of the NATS broker share: a server and brokers that end with the test, and addresses. */
import { onTestFinished } from "vitest"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import type { NatsOptions } from "../../src/nats/options.ts"
import type { Timing } from "../../src/nats/timing.ts"
import { type NatsServer, type NatsServerOptions, startNatsServer } from "../nats-server.ts"

export const namespace = "shop"

export const serverForTest = async (options?: NatsServerOptions): Promise<NatsServer> => {
  const server = await startNatsServer(options)
  onTestFinished(() => server.stop())
  return server
}

export const brokerForTest = async (
  server: { readonly url: string },
  timing: Partial<Timing> = {},
  options: Partial<NatsOptions> = {}
): Promise<Broker> => {
  const broker = await connectNats({ servers: server.url, namespace, ...options }, timing)
  onTestFinished(() => broker.close())
  return broker
}

const encoder = new TextEncoder()
export const bytes = (text: string): Uint8Array => encoder.encode(text)
export const textOf = (body: Uint8Array | undefined): string | undefined =>
  body === undefined ? undefined : new TextDecoder().decode(body)

/** An inner record of a run. */
export const record = (run: string, node: string | number = "_"): string =>
  `${namespace}.i._._._.app.i1.${run}.${node}._`

export const callOn = (queue: string, run: string): string =>
  `${namespace}.t.${queue}.0.math/add.app.i1.${run}.1._`

export const timerOf = (run: string): string => `${namespace}.s._._._.app.i1.${run}.1._`
