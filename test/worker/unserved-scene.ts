/** Queues without workers, on a broker in memory whose clock a test moves. */
import * as Schema from "effect/Schema"
import { onTestFinished } from "vitest"
import { task, type AnyTask, type App, type AppOptions } from "arpeggio"
import {
  clientOver,
  memoryServer,
  workerOver,
  type Broker,
  type MemoryServer
} from "arpeggio/testing"
import type { Worker } from "../../src/worker/layer.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute

const finite = Schema.Finite

export const one = task("one", { input: [], output: finite }, () => 1)
/** The same task as it was, and as it is when a deploy has moved it. */
export const two = (queue: string, ran: (x: number) => void = () => {}) =>
  task("two", { input: [finite], output: finite, queue }, (x) => {
    ran(x)
    return x + 1
  })

export interface Scene {
  readonly server: MemoryServer
  readonly app: App
  /** What workers have said. */
  readonly lines: Array<string>
  readonly work: (
    tasks: ReadonlyArray<AnyTask>,
    options?: WorkerOptions,
    broker?: Broker
  ) => Promise<Worker>
  readonly client: (options?: AppOptions) => Promise<App>
  /** Lets that much time pass. */
  readonly pass: (milliseconds: number) => Promise<void>
}

export const scene = async (): Promise<Scene> => {
  const server = memoryServer({ clock: "manual" })
  const lines: Array<string> = []
  const client = async (options: AppOptions = {}): Promise<App> => {
    const app = await clientOver(server.connect(), options)
    onTestFinished(() => app.close())
    return app
  }
  return {
    server,
    lines,
    client,
    app: await client(),
    work: async (tasks, options = {}, broker = server.connect()) => {
      const worker = await workerOver(broker, tasks as never, {
        print: (line) => void lines.push(line),
        grace: 0,
        ...options
      })
      onTestFinished(() => worker.drain())
      return worker
    },
    pass: async (milliseconds) => {
      const step = Math.max(500, Math.ceil(milliseconds / 1_000))
      for (let left = milliseconds; left > 0; left -= step) {
        server.clock.advance(Math.min(left, step))
        await server.settled()
      }
    }
  }
}
