/** Where the canvas cases are played: in the interpreter, on the broker in memory, on a real NATS server. */
import type { App } from "../../src/client/app.ts"
import type { AnyTask } from "../../src/define/task.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"
import { startNatsServer } from "../nats-server.ts"
import { referenceApp } from "../reference/app.ts"
import { referenceOf, type StandIns } from "../reference/tasks.ts"

export interface Place {
  readonly app: Pick<App, "run" | "start">
  /** The records, where a test can look at them. */
  readonly server?: MemoryServer
  close(): Promise<void>
}

export interface Layer {
  readonly name: string
  /** Whether handlers run in workers, so that executions can be counted and timed. */
  readonly executes: boolean
  /** Whether the cases with thousands of steps are played, too. */
  readonly large: boolean
  /** The tasks are served by two workers, so that the steps of a run cross from one to the other. */
  open(tasks: ReadonlyArray<AnyTask>, options?: WorkerOptions): Promise<Place>
}

export const interpreterLayer = (standIns: StandIns): Layer => ({
  name: "interpreter",
  executes: false,
  large: true,
  open: async (tasks) => ({
    app: referenceApp(referenceOf(tasks, standIns)),
    close: () => Promise.resolve()
  })
})

/** Two workers and a client, each over a connection of its own. */
export const places = async (
  connect: (name: string) => Promise<Broker>,
  tasks: ReadonlyArray<AnyTask>,
  options: WorkerOptions
): Promise<Place> => {
  const served = tasks as never
  const workers = [
    await workerOver(await connect("worker-1"), served, options),
    await workerOver(await connect("worker-2"), served, options)
  ]
  const app = await clientOver(await connect("client"))
  const close = async (): Promise<void> => {
    await app.close()
    await Promise.all(workers.map((worker) => worker.drain()))
  }
  return { app, close }
}

export const memoryLayer = (seed?: number): Layer => ({
  name: seed === undefined ? "memory" : `memory, seed ${seed}`,
  executes: true,
  large: seed === undefined,
  open: async (tasks, options = {}) => {
    const server = memoryServer(seed === undefined ? {} : { seed })
    const connect = async (name: string): Promise<Broker> => server.connect({ name })
    return { ...(await places(connect, tasks, options)), server }
  }
})

export const natsLayer: Layer = {
  name: "NATS",
  executes: true,
  large: true,
  open: async (tasks, options = {}) => {
    const server = await startNatsServer()
    const connect = (name: string): Promise<Broker> =>
      connectNats({ servers: server.url, namespace: "canvas", name })
    const { app, close } = await places(connect, tasks, options)
    return {
      app,
      close: async () => {
        await close()
        await server.stop()
      }
    }
  }
}
