/** For users' own tests: workers and clients over a broker in this process's memory, with the semantics of the real one. */
import { appNames, appOf, type App, type AppOptions } from "../client/app.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { ContractError } from "../define/errors.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import type { Served, ServedMore, Source } from "../define/served.ts"
import type { Broker } from "../broker/broker.ts"
import { memoryServer, type MemoryServer, type MemoryServerOptions } from "./memory/server.ts"
import type { Worker } from "../worker/layer.ts"
import type { AnyTask, Task } from "../define/task.ts"
import { AwakeRuns, awakeLetters, awakeOver, awakeSchedules } from "./awake.ts"
import { notGiven, type Refuses, refusing } from "./given.ts"
import { type ExpectOptions, type StartedCall, Starts } from "./started.ts"
import { openWorker } from "../worker/open.ts"
import { settingsOf, type WorkerOptions } from "../worker/serve.ts"
import { apart, servedIn } from "../worker/sources.ts"

export type { Soon } from "../define/awaitable.ts"
export type { ExpectOptions, StartedCall } from "./started.ts"
export type {
  Begins,
  IfFull,
  Broker,
  BrokerFacts,
  Consumption,
  Delivery,
  Lane,
  LaneState,
  Neighbour,
  Part,
  Page,
  Publication,
  Published,
  PullState,
  Spare,
  Stored,
  Subscription
} from "../broker/broker.ts"
export { memoryServer } from "./memory/server.ts"
export type {
  ArrivalVerb,
  CallVerb,
  Fault,
  MemoryCall,
  MemoryClock,
  MemoryServer,
  MemoryServerOptions,
  OnCall
} from "./memory/server.ts"

/** What a test may set. */
export interface TestAppOptions
  extends
    MemoryServerOptions,
    AppOptions,
    Pick<
      WorkerOptions,
      "concurrency" | "timeout" | "queues" | "grace" | "schedules" | "scheduleGroup"
    > {
  /** The broker, when several apps or workers of a test share one. */
  readonly server?: MemoryServer
}

/** What has begun in the worker of a test. */
export interface TestedStarts {
  /**
   * Waits until a task has been started, with these arguments where some are given: by this test, by a step before, by a
   * callback. Rejects with an `AssertionError` that says what was started instead.
   *
   * @example
   * await using app = await testApp([add, mul])
   * await app.start(chain(add(4, 2), mul(3)))
   * const { input } = await app.expectStarted(mul) // [6, 3]
   */
  expectStarted<Name extends string, Input extends ReadonlyArray<unknown>, Out, Err>(
    task: Task<Name, Input, Out, Err>,
    options?: ExpectOptions<NoInfer<Input>>
  ): Promise<StartedCall<Input>>
  /** Every start of a task until now, attempts included, in their order. */
  started<Name extends string, Input extends ReadonlyArray<unknown>, Out, Err>(
    task: Task<Name, Input, Out, Err>
  ): ReadonlyArray<StartedCall<Input>>
}

/** An `App` whose tasks are executed in this process. */
export interface TestApp extends App, TestedStarts {
  /** The broker: its clock, its faults, its records. */
  readonly server: MemoryServer
  /** The worker of these tasks. */
  readonly worker: Worker
}

const quiet = (): void => {}

/** For a handler that still runs when a test closes its app: what made the test fail is shown only after it. */
const closingGrace = "1 second"

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
  schedules: true,
  scheduleGroup: true,
  server: true
}

/**
 * A client over a broker that is there already, which it closes when it is closed. Rejects with a `ContractError` for
 * options that cannot be.
 *
 * @example
 * const server = memoryServer()
 * await using app = await clientOver(server.connect(), { retention: "1 minute" })
 * const run = await app.start(add(4, 2))
 * const status = await run.status() // "pending"
 */
export const clientOver = async (broker: Broker, options: AppOptions = {}): Promise<App> => {
  refuseUnknown("clientOver", options, appNames)
  return clientOf(broker, options)
}

const clientOf = async (broker: Broker, options: AppOptions, refuses?: Refuses): Promise<App> => {
  const runs = new AwakeRuns(broker, { print: quiet, ...options })
  const awake = awakeOver(broker)
  if (refuses !== undefined) runs.refuses = refuses
  await awake(() => runs.open())
  const app = appOf(runs, () => awake(() => broker.close()))
  return {
    ...app,
    ...awakeSchedules(app, awake),
    deadLetters: awakeLetters(app.deadLetters, awake)
  }
}

/**
 * A worker over a broker that is there already, which it closes when it has drained. Takes what `serve` takes behind the
 * broker. Rejects with a `ContractError` for tasks that cannot be served.
 *
 * @example
 * const server = memoryServer()
 * await using worker = await workerOver(server.connect(), [add], { concurrency: 2 })
 * const { state } = await worker.health() // "working"
 */
export const workerOver = async <
  const First extends Source,
  const Rest extends ReadonlyArray<Source | WorkerOptions>
>(
  broker: Broker,
  first: Served<First, "provided">,
  ...more: ServedMore<Rest, WorkerOptions, "provided">
): Promise<Worker> => {
  const { sources, options } = apart<WorkerOptions>([first, ...more])
  return workerOf(broker, servedIn(sources, true), options)
}

const workerOf = async (
  broker: Broker,
  tasks: ReadonlyMap<string, TaskDefinition>,
  options: WorkerOptions
): Promise<Worker> => {
  const quietly = { print: quiet, log: "quiet", ...options } as const
  const opened = { broker, close: (most?: number) => broker.close(most) }
  const settings = settingsOf(tasks, quietly)
  const awake = awakeOver(broker)
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
  const forWorker = only(options, [
    "concurrency",
    "timeout",
    "queues",
    "grace",
    "schedules",
    "scheduleGroup",
    "print"
  ])
  const forClient = only(options, ["owner", "retention", "print"])
  const given = servedIn(sources, true)
  // Its own worker and client are two: a third may do what this worker does not.
  const isAlone = (): boolean => options.server === undefined && server.connections().length <= 2
  const refuses = refusing(given, isAlone)
  const starts = new Starts()
  const watched = [...given].map(
    ([name, task]) => [name, starts.watched(task, { refuses })] as const
  )
  const worker = await workerOf(server.connect({ name: "worker" }), new Map(watched), {
    grace: closingGrace,
    ...forWorker
  })
  const client = server.connect({ name: "client" })
  const app = await clientOf(client, forClient, refuses)
  const close = async (): Promise<void> => {
    await app.close()
    await worker.drain()
  }
  const checked = ({ "~arpeggio": definition }: AnyTask): TaskDefinition => {
    const { name } = definition
    if (given.has(name)) return definition
    throw new ContractError({ task: name, message: notGiven([name]) })
  }
  const ours = {
    started: (task: AnyTask) => starts.of(checked(task)),
    expectStarted: (task: AnyTask, expected?: ExpectOptions<ReadonlyArray<unknown>>) =>
      awakeOver(client)(async () => starts.expect(checked(task), expected))
  }
  const closing = { close, [Symbol.asyncDispose]: close }
  return { ...app, ...(ours as TestedStarts), ...closing, server, worker }
}

const only = <Options extends object, Name extends keyof Options>(
  options: Options,
  names: ReadonlyArray<Name>
): Pick<Options, Name> =>
  Object.fromEntries(
    names.flatMap((name) => (name in options ? [[name, options[name]]] : []))
  ) as Pick<Options, Name>
