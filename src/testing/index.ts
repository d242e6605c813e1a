/** For users' own tests: workers and clients over a broker in this process's memory, with the semantics of the real one. */
import { appNames, appOf, type App, type AppOptions } from "../client/app.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import type { Served, ServedMore, Source } from "../define/served.ts"
import type { Broker } from "../transport/broker.ts"
import {
  memoryServer,
  type MemoryServer,
  type MemoryServerOptions
} from "../transport/memory/server.ts"
import type { Worker } from "../worker/layer.ts"
import { AwakeRuns, awake, awakeLetters } from "./awake.ts"
import { openWorker } from "../worker/open.ts"
import { settingsOf, type WorkerOptions } from "../worker/serve.ts"
import { apart } from "../worker/sources.ts"

export type {
  Broker,
  BrokerFacts,
  Consumption,
  Delivery,
  Lane,
  LaneState,
  Part,
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
    Pick<WorkerOptions, "concurrency" | "timeout" | "queues" | "grace"> {
  /** The broker, when several apps or workers of a test share one. */
  readonly server?: MemoryServer
}

/** An `App` whose tasks are executed in this process. */
export interface TestApp extends App {
  readonly server: MemoryServer
  readonly worker: Worker
}

const quiet = (): void => {}

const names: Names<TestAppOptions> = {
  ...appNames,
  namespace: true,
  seed: true,
  lease: true,
  duplicateWindow: true,
  maxBytes: true,
  clock: true,
  concurrency: true,
  timeout: true,
  queues: true,
  grace: true,
  server: true
}

/** A client over a broker that is there already. */
export const clientOver = async (broker: Broker, options: AppOptions = {}): Promise<App> => {
  refuseUnknown("clientOver", options, appNames)
  const runs = new AwakeRuns(broker, { print: quiet, ...options })
  await awake(() => runs.open())
  const app = appOf(runs, () => awake(() => broker.close()))
  return { ...app, deadLetters: awakeLetters(app.deadLetters) }
}

/** A worker over a broker that is there already. Takes what `serve` takes behind the broker. */
export const workerOver = async <
  const First extends Source,
  const Rest extends ReadonlyArray<Source | WorkerOptions>
>(
  broker: Broker,
  first: Served<First, "provided">,
  ...more: ServedMore<Rest, WorkerOptions, "provided">
): Promise<Worker> => {
  const { sources, options } = apart<WorkerOptions>([first, ...more])
  return workerOf(broker, sources, options)
}

const workerOf = async (
  broker: Broker,
  sources: ReadonlyArray<unknown>,
  options: WorkerOptions
): Promise<Worker> => {
  const quietly = { print: quiet, log: "quiet", ...options } as const
  const opened = { broker, close: (most?: number) => broker.close(most) }
  const settings = settingsOf(sources, quietly)
  const worker = await awake(() => openWorker(settings, quietly, opened))
  const drain = (): Promise<void> => awake(() => worker.drain())
  return { ...worker, drain, [Symbol.asyncDispose]: drain }
}

/**
 * A broker in memory, a worker of these tasks and a client, in one. Closing the app stops all three. The process stays
 * alive while something of the app is waited for, and may end while nothing is, also when the app was not closed.
 *
 * @example
 * await using app = await testApp([add, mul])
 * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
 */
export const testApp = async <
  const First extends Source,
  const Rest extends ReadonlyArray<Source | TestAppOptions>
>(
  first: Served<First, "provided">,
  ...more: ServedMore<Rest, TestAppOptions, "provided">
): Promise<TestApp> => {
  const { sources, options } = apart<TestAppOptions>([first, ...more])
  refuseUnknown("testApp", options, names)
  const server = options.server ?? memoryServer(options)
  const forWorker = only(options, ["concurrency", "timeout", "queues", "grace", "print"])
  const forClient = only(options, ["owner", "retention", "print"])
  const worker = await workerOf(server.connect({ name: "worker" }), sources, forWorker)
  const app = await clientOver(server.connect({ name: "client" }), forClient)
  const close = async (): Promise<void> => {
    await app.close()
    await worker.drain()
  }
  return { ...app, server, worker, close, [Symbol.asyncDispose]: close }
}

const only = <Options extends object, Name extends keyof Options>(
  options: Options,
  names: ReadonlyArray<Name>
): Pick<Options, Name> =>
  Object.fromEntries(
    names.flatMap((name) => (name in options ? [[name, options[name]]] : []))
  ) as Pick<Options, Name>
