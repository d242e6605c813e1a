/** A worker and a client, on the broker in memory and on a real server, with everything that the worker prints. */
import { onTestFinished } from "vitest"
import type { App } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import type { AnyTask } from "../../src/define/task.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import type { Worker } from "../../src/worker/layer.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"
import { startNatsServer } from "../nats-server.ts"

export interface Open {
  readonly app: App
  readonly worker: Worker
  /** What the worker has printed. */
  readonly lines: ReadonlyArray<string>
  /** Another connection to the same broker. */
  readonly connect: () => Promise<Broker>
}

const over = async (
  connect: () => Promise<Broker>,
  tasks: ReadonlyArray<AnyTask>,
  options: WorkerOptions
): Promise<Open> => {
  const lines: Array<string> = []
  const print = (line: string): number => lines.push(line)
  const worker = await workerOver(await connect(), tasks as never, { print, ...options })
  const app = await clientOver(await connect())
  onTestFinished(async () => {
    await app.close()
    await worker.drain()
  })
  return { app, worker, lines, connect }
}

/** Opened by a test, closed when it ends. */
export const both: ReadonlyArray<{
  readonly broker: string
  readonly open: (tasks: ReadonlyArray<AnyTask>, options?: WorkerOptions) => Promise<Open>
}> = [
  {
    broker: "memory",
    open: (tasks, options = {}) => {
      const server = memoryServer()
      return over(async () => server.connect(), tasks, options)
    }
  },
  {
    broker: "NATS",
    open: async (tasks, options = {}) => {
      const server = await startNatsServer()
      onTestFinished(() => server.stop())
      const connect = (): Promise<Broker> =>
        connectNats({ servers: server.url, namespace: "worker" })
      return over(connect, tasks, options)
    }
  }
]
