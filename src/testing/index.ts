/** For users' own tests: workers and clients over a broker in this process's memory, with the semantics of the real one. */
import { appOf, type App, type AppOptions } from "../client/app.ts"
import { Runs } from "../client/runs.ts"
import type { Served } from "../define/served.ts"
import type { AnyTask } from "../define/task.ts"
import type { Broker } from "../transport/broker.ts"
import {
  memoryServer,
  type MemoryServer,
  type MemoryServerOptions
} from "../transport/memory/server.ts"
import type { Worker } from "../worker/layer.ts"
import { openWorker, settingsOf, type WorkerOptions } from "../worker/serve.ts"

export type {
  Broker,
  BrokerFacts,
  Consumption,
  Delivery,
  Lane,
  Page,
  Publication,
  Published,
  PullState,
  Stored,
  Subscription
} from "../transport/broker.ts"
export { memoryServer } from "../transport/memory/server.ts"
export type {
  ArrivalVerb,
  CallVerb,
  Fault,
  MemoryCall,
  MemoryClock,
  MemoryServer,
  MemoryServerOptions,
  OnCall
} from "../transport/memory/server.ts"

/** What a test may set. */
export interface TestAppOptions
  extends
    MemoryServerOptions,
    AppOptions,
    Pick<WorkerOptions, "concurrency" | "timeout" | "queues"> {
  /** The broker, when several apps or workers of a test share one. */
  readonly server?: MemoryServer
}

/** An `App` whose tasks are executed in this process. */
export interface TestApp extends App {
  readonly server: MemoryServer
  readonly worker: Worker
}

const quiet = (): void => {}

/** A client over a broker that is there already. */
export const clientOver = async (broker: Broker, options: AppOptions = {}): Promise<App> => {
  const runs = new Runs(broker, { print: quiet, ...options })
  await runs.open()
  return appOf(runs, () => broker.close())
}

/** A worker over a broker that is there already. */
export const workerOver = <const Tasks extends ReadonlyArray<AnyTask>>(
  broker: Broker,
  tasks: Served<Tasks>,
  options: WorkerOptions = {}
): Promise<Worker> => {
  const quietly = { print: quiet, log: "quiet", ...options } as const
  const opened = { broker, close: () => broker.close() }
  return openWorker(settingsOf(tasks as unknown as Tasks, quietly), quietly, opened)
}

/**
 * A broker in memory, a worker of these tasks and a client, in one. Closing the app stops all three.
 *
 * @example
 * await using app = await testApp([add, mul])
 * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
 */
export const testApp = async <const Tasks extends ReadonlyArray<AnyTask>>(
  tasks: Served<Tasks>,
  options: TestAppOptions = {}
): Promise<TestApp> => {
  const server = options.server ?? memoryServer(options)
  const worker = await workerOver(server.connect({ name: "worker" }), tasks, options)
  const app = await clientOver(server.connect({ name: "client" }), options)
  const close = async (): Promise<void> => {
    await app.close()
    await worker.drain()
  }
  return { ...app, server, worker, close, [Symbol.asyncDispose]: close }
}
