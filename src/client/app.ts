/** What `connect` gives: the verbs by which workflows are run, from promises. */
import type { HowLong, WithUnit } from "../define/duration.ts"
import type { Chosen } from "../compose/fit.ts"
import type { ReadAs, Readable } from "../compose/readable.ts"
import type { WaitOptions } from "../result/wait.ts"
import type { EachRunnable, Instead, Runnable } from "../compose/runnable.ts"
import type { Names } from "../define/known.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf } from "../define/workflow.ts"
import { callerOf } from "../result/call-site.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import type { EachStarted, FindQuery, Run, RunStatus } from "../result/run.ts"
import type { Schedule, Schedules } from "../result/schedule.ts"
import type { ScheduleSpec } from "../schedule/spec.ts"
import type { Health } from "../broker/health.ts"
import type { AnyRun } from "./handle.ts"
import { optionsAt, readBy } from "./given.ts"
import { clientHealth } from "./health.ts"
import type { Runs } from "./runs.ts"
import type { AnySpec } from "./schedules.ts"

/** How runs of an `App` behave. */
export interface AppOptions {
  /**
   * Whose runs these are: a part of their ids and subjects, by which the server's permissions can be given, and within
   * which keys are unique. 1 to 16 letters and digits. Default: `app`.
   */
  readonly owner?: string
  /** How long outcomes are kept after the end of a run: a second to ten years, the nearest of them otherwise. Default: "1 hour". */
  readonly retention?: HowLong<WithUnit<"retention">>
  /** Where notices go, a line each. Default: standard error. */
  readonly print?: (line: string) => void
}

/** For whoever checks options that these are a part of. */
export const appNames: Names<AppOptions> = { owner: true, retention: true, print: true }

/** How long to wait for a run: `signal` and `within`. Neither stops it. */
export interface RunOptions extends WaitOptions {}

/** A connection from which workflows are run. Close it, or declare it with `await using`. */
export interface App extends AsyncDisposable {
  /**
   * Runs a workflow and gives its output.
   *
   * Rejects with the declared error that failed it (an instance of its class; an `Error` with its fields where that is no
   * error); with `TaskCrashed`, `TaskTimedOut`, `RunTimedOut` or `RunCancelled`; with `KeyTaken` when its key is another's; with `InvalidResult` when workers and
   * this process disagree about the output; or with `BrokerError`.
   *
   * @example
   * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
   */
  run<W>(workflow: Runnable<W>): Promise<OutputOf<W>>
  /**
   * Runs a workflow with an input, and says how long to wait. Where nothing is left open, the options take the input's
   * place.
   *
   * Rejects as above; with `InvalidInput` when the input does not fit, before anything is sent; with `StillRunning` when
   * `within` is over, and with the reason of `signal`: the run goes on then. Where `within` is over before the start is
   * known to be stored, it is a `BrokerError`: `Unknown` when it may be, `Unreachable` when nothing was sent.
   *
   * @example
   * const answer = await app.run(chain(add(2), mul(3)), 4, { within: "10 seconds" }) // 18
   * const sum = await app.run(add(4, 2), { within: "10 seconds" }) // 6
   */
  run<W extends AnyWorkflow>(
    workflow: Chosen<W>,
    input: InputOf<W> | Instead<W, RunOptions>,
    options?: RunOptions
  ): Promise<OutputOf<W>>
  /**
   * Starts a run without waiting for it. When it resolves, the work is stored in the broker.
   *
   * Rejects with `KeyTaken` when its key is another's, or with `BrokerError`: with reason `Unknown` the answer was lost,
   * and the work may have been stored.
   *
   * @example
   * const run = await app.start(add(4, 2))
   * const answer = await run.result() // 6
   */
  start<W>(workflow: Runnable<W>): Promise<Run<OutputOf<W>, ErrorOf<W>>>
  /**
   * Starts a run with an input, and says how long to wait until it is stored. Where nothing is left open, the options take
   * the input's place. Rejects as above; with `InvalidInput` before anything is sent; and with the reason of `signal`, after
   * which the work may have been stored.
   */
  start<W extends AnyWorkflow>(
    workflow: Chosen<W>,
    input: InputOf<W> | Instead<W, WaitOptions>,
    options?: WaitOptions
  ): Promise<Run<OutputOf<W>, ErrorOf<W>>>
  /**
   * Starts many runs in one go, without waiting for them. The answer has for each, in the order of the list, the run, or the
   * error for which it was not started; one that is refused is no matter of the others. They are sent in that order.
   * `within` is for all of them together.
   *
   * @example
   * const [first, second] = await app.startAll([add(4, 2), mul(3, 5)])
   * const sum = await first.run?.result() // 6
   * const refused = second.error // undefined
   */
  startAll<const List extends ReadonlyArray<unknown>>(
    workflows: EachRunnable<List>,
    options?: WaitOptions
  ): Promise<EachStarted<List>>
  /**
   * The handle of a run that was started anywhere, for as long as its outcome is kept. Asks the broker nothing yet; for
   * what cannot be an id, every verb of the handle rejects with `UnknownRun`.
   */
  attach<W extends AnyWorkflow>(id: string, workflow: W): Run<OutputOf<W>, ErrorOf<W>>
  /**
   * The same without the workflow. What is read of the run is plain data: its output and its error are the JSON that is
   * stored, and `result` rejects with an `Error` that has the fields of the declared one, and its tag as the name.
   *
   * @example
   * const { id } = await app.start(divide(1, 0))
   * const run = app.attach(id)
   * const outcome = await run.outcome()
   * const tag = outcome._tag // "Failed"
   */
  attach(id: string): Run<unknown, unknown>
  /**
   * The same with the task of which the run is a call, or with a function that builds the workflow from no arguments.
   *
   * @example
   * const { id } = await app.start(add(4, 2))
   * const answer = await app.attach(id, add).result() // 6
   */
  attach<B>(id: string, build: Readable<B>): Run<OutputOf<ReadAs<B>>, ErrorOf<ReadAs<B>>>
  /**
   * The run that was started with this key, by this owner and from any process, for as long as its outcome is kept; `undefined` where there
   * is none. Without a workflow it is read as plain data.
   *
   * Rejects with `BrokerError`, also when `within` is over; with the reason of `signal`; with a `ContractError` for what cannot
   * be a key; and with `KeyTaken` where a newer release holds the key in a way that this one cannot read.
   *
   * @example
   * await app.start(add(4, 2).with({ key: "invoice-4711" }))
   * const run = await app.find({ key: "invoice-4711" }, add)
   * const answer = await run?.result() // 6
   */
  find(query: FindQuery): Promise<Run<unknown, unknown> | undefined>
  /** The same, read by the workflow that was started. */
  find<W extends AnyWorkflow>(
    query: FindQuery,
    workflow: W
  ): Promise<Run<OutputOf<W>, ErrorOf<W>> | undefined>
  /** The same, read by the task of which the run is a call, or by a function that builds the workflow from no arguments. */
  find<B>(
    query: FindQuery,
    build: Readable<B>
  ): Promise<Run<OutputOf<ReadAs<B>>, ErrorOf<ReadAs<B>>> | undefined>
  /** Cancels a run from any process, as `run.cancel()` does. Rejects with `UnknownRun` for what cannot be an id. */
  cancel(id: string, options?: WaitOptions): Promise<RunStatus>
  /** How the connection and the broker are now, as plain data. Answers within two seconds, also without a connection; never rejects. */
  health(): Promise<Health>
  /** The calls that nobody could do. */
  readonly deadLetters: DeadLetters
  /**
   * Stores a schedule under its name: from now on the workflow is started at its times, by whichever worker is there. The same
   * schedule once more changes nothing; another one under the name takes its place, and a time that is owed stays owed where
   * the times are the same. Its runs have the deadline of the workflow, and this app's `retention`, ten minutes at least.
   *
   * Rejects with a `ContractError` for times that cannot be, with `InvalidInput`, or with `BrokerError`.
   *
   * @example
   * const nightly = await app.schedule("nightly", add(4, 2), { cron: "0 3 * * *", timeZone: "Europe/Berlin" })
   * const { spec } = await nightly.info()
   * const zone = spec.timeZone // "Europe/Berlin"
   */
  schedule<W extends AnyWorkflow>(
    name: string,
    workflow: Chosen<W>,
    spec: ScheduleSpec<InputOf<W>>,
    options?: WaitOptions
  ): Promise<Schedule<InputOf<W>, OutputOf<W>, ErrorOf<W>>>
  /** The schedules that are stored. */
  readonly schedules: Schedules
  /** Lets go of the connection. Runs go on. */
  close(): Promise<void>
}

/** The promise-flavoured face of `Runs`. */
export const appOf = (runs: Runs, close: () => Promise<void>): App => {
  let closed: Promise<void> | undefined
  const closeOnce = (): Promise<void> => (closed ??= runs.close().then(close))
  const app = {
    run: (workflow: AnyWorkflow, input?: unknown, options?: RunOptions): Promise<unknown> => {
      if (options !== undefined) return runs.run(workflow, input, options, callerOf(app.run))
      const instead = optionsAt(workflow, input)
      return instead === undefined
        ? runs.run(workflow, input, {}, callerOf(app.run))
        : runs.run(workflow, undefined, instead, callerOf(app.run))
    },
    start: (workflow: AnyWorkflow, input?: unknown, options?: WaitOptions): Promise<AnyRun> => {
      if (options !== undefined) return runs.start(workflow, input, options, callerOf(app.start))
      const instead = optionsAt(workflow, input)
      return instead === undefined
        ? runs.start(workflow, input, {}, callerOf(app.start))
        : runs.start(workflow, undefined, instead, callerOf(app.start))
    },
    startAll: (workflows: ReadonlyArray<AnyWorkflow>, options: WaitOptions = {}) =>
      runs.startAll(workflows, options, callerOf(app.startAll)) as Promise<never>,
    attach: (id: string, ...given: ReadonlyArray<unknown>): Run<never> => {
      const caller = callerOf(app.attach)
      const workflow = given.length === 0 ? undefined : readBy(given[0], caller)
      return runs.attach(id, workflow, caller) as Run<never>
    },
    find: async (query: FindQuery, ...given: ReadonlyArray<unknown>) => {
      const caller = callerOf(app.find)
      const workflow = given.length === 0 ? undefined : readBy(given[0], caller, "find")
      return runs.find(query, workflow, caller) as Promise<never>
    },
    cancel: (id: string, options: WaitOptions = {}): Promise<RunStatus> =>
      runs.cancel(id, options, callerOf(app.cancel)),
    health: () => clientHealth(runs.broker, runs.print),
    deadLetters: runs.deadLetters,
    schedule: (name: string, workflow: AnyWorkflow, spec: AnySpec, options: WaitOptions = {}) =>
      runs.schedules.declare(
        { name, workflow, spec },
        options,
        callerOf(app.schedule)
      ) as Promise<never>,
    schedules: {
      list: () => runs.schedules.list(),
      get: (name, options = {}) => runs.schedules.get(name, options, callerOf(app.schedules.get)),
      sync: (group, schedules, options = {}) =>
        runs.schedules.sync(group, schedules, options, callerOf(app.schedules.sync))
    } as Schedules,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce
  }
  return app as App
}
