/** What `connect` gives: the verbs by which workflows are run, from promises. */
import type { HowLong, WithUnit } from "../define/duration.ts"
import type { Chosen } from "../compose/fit.ts"
import type { WaitOptions } from "../result/wait.ts"
import type { Runnable } from "../compose/runnable.ts"
import type { Names } from "../define/known.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf } from "../define/workflow.ts"
import { callerOf } from "../result/caller.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import type { Run, RunStatus } from "../result/run.ts"
import type { Health } from "../transport/health.ts"
import type { AnyRun } from "./handle.ts"
import { clientHealth } from "./health.ts"
import type { Runs } from "./runs.ts"

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
   * Rejects with the declared error that failed it (an instance of its class); with `TaskCrashed`, `TaskTimedOut`,
   * `RunTimedOut` or `RunCancelled`; with `KeyTaken` when its key is another's; with `InvalidResult` when workers and
   * this process disagree about the output; or with `BrokerError`.
   *
   * @example
   * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
   */
  run<W>(workflow: Runnable<W>): Promise<OutputOf<W>>
  /**
   * Runs a workflow with an input, and says how long to wait. Where nothing is left open, the input is `undefined`.
   *
   * Rejects as above; with `InvalidInput` when the input does not fit, before anything is sent; with `StillRunning` when
   * `within` is over, and with the reason of `signal`: the run goes on then. Where `within` is over before the start is
   * known to be stored, it is a `BrokerError`: `Unknown` when it may be, `Unreachable` when nothing was sent.
   *
   * @example
   * const answer = await app.run(chain(add(2), mul(3)), 4, { within: "10 seconds" }) // 18
   */
  run<W extends AnyWorkflow>(
    workflow: Chosen<W>,
    input: InputOf<W>,
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
   * Starts a run with an input, and says how long to wait until it is stored. Where nothing is left open, the input is
   * `undefined`. Rejects as above; with `InvalidInput` before anything is sent; and with the reason of `signal`, after
   * which the work may have been stored.
   */
  start<W extends AnyWorkflow>(
    workflow: Chosen<W>,
    input: InputOf<W>,
    options?: WaitOptions
  ): Promise<Run<OutputOf<W>, ErrorOf<W>>>
  /**
   * The handle of a run that was started anywhere, for as long as its outcome is kept. Asks the broker nothing yet; for
   * what cannot be an id, every verb of the handle rejects with `UnknownRun`.
   */
  attach<W extends AnyWorkflow>(id: string, workflow: W): Run<OutputOf<W>, ErrorOf<W>>
  /** Cancels a run from any process, as `run.cancel()` does. Rejects with `UnknownRun` for what cannot be an id. */
  cancel(id: string, options?: WaitOptions): Promise<RunStatus>
  /** How the connection and the broker are now, as plain data. Answers within two seconds, also without a connection; never rejects. */
  health(): Promise<Health>
  /** The calls that nobody could do. */
  readonly deadLetters: DeadLetters
  /** Lets go of the connection. Runs go on. */
  close(): Promise<void>
}

/** The promise-flavoured face of `Runs`. */
export const appOf = (runs: Runs, close: () => Promise<void>): App => {
  let closed: Promise<void> | undefined
  const closeOnce = (): Promise<void> => (closed ??= runs.close().then(close))
  const app = {
    run: (workflow: AnyWorkflow, input?: unknown, options: RunOptions = {}): Promise<unknown> =>
      runs.run(workflow, input, options, callerOf(app.run)),
    start: (workflow: AnyWorkflow, input?: unknown, options: WaitOptions = {}): Promise<AnyRun> =>
      runs.start(workflow, input, options, callerOf(app.start)),
    attach: (id: string, workflow: AnyWorkflow): AnyRun =>
      runs.attach(id, workflow, callerOf(app.attach)),
    cancel: (id: string, options: WaitOptions = {}): Promise<RunStatus> =>
      runs.cancel(id, options, callerOf(app.cancel)),
    health: () => clientHealth(runs.broker, runs.print),
    deadLetters: runs.deadLetters,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce
  }
  return app as App
}
