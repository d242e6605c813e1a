/** Runs that end in the dead letters, on a broker in memory whose clock a test moves. */
import type { AnyTask } from "../../src/define/task.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import type { App } from "../../src/client/app.ts"
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import type { Worker } from "../../src/worker/layer.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"

export interface Scene {
  readonly server: MemoryServer
  readonly app: App
  /** A worker of these tasks, which waits a minute for another that knows the others. */
  work(tasks: ReadonlyArray<AnyTask>, options?: WorkerOptions): Promise<Worker>
  /** Lets that much time pass, lease by lease. */
  pass(milliseconds: number): Promise<void>
  /** What is stored, but for what lives as long as the outcomes of runs. */
  left(): ReadonlyArray<string>
}

const lease = 30_001

export const minute = 60_000

export const scene = async (seed?: number): Promise<Scene> => {
  const server = memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })
  const app = await clientOver(server.connect({ name: "client" }))
  return {
    server,
    app,
    work: (tasks, options = {}) =>
      workerOver(server.connect({ name: "worker" }), tasks as never, {
        patience: "1 minute",
        ...options
      }),
    pass: async (milliseconds) => {
      for (let left = milliseconds; left > 0; left -= lease) {
        await server.settled()
        server.clock.advance(Math.min(left, lease))
      }
      await server.settled()
    },
    left: () =>
      server
        .records()
        .map(({ subject }) => subject)
        .filter((subject) => !/^memory\.v?r\./.test(subject))
  }
}
