/** Starts runs and reads their outcomes over one broker; what `connect` gives and the Effect `Client` stands on. */
import * as Duration from "effect/Duration"
import type { Json } from "../compose/plan.ts"
import type { Runnable } from "../compose/runnable.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf } from "../define/workflow.ts"
import { newInstance, newRun } from "../encode/identity.ts"
import { encodeInput } from "../encode/input.ts"
import { addressOf, runIdOf, type RunAddress } from "../encode/subjects.ts"
import { Records } from "../engine/records.ts"
import { callerOf, pointAt } from "../result/caller.ts"
import { StillRunning, UnknownRun } from "../result/failure.ts"
import type { Run } from "../result/run.ts"
import type { Broker } from "../transport/broker.ts"
import { after } from "../transport/time.ts"
import { printNotice } from "../transport/nats/open.ts"
import { dispatch, type Dispatched } from "./dispatcher.ts"
import { errorOf, outcomeOf } from "./report.ts"
import { Replies } from "./replies.ts"
import { lookUp, Waiter } from "./waiter.ts"

/** How runs of an `App` behave. */
export interface AppOptions {
  /** Whose runs these are: the token that permissions are given to. 1 to 16 letters and digits. Default: `app`. */
  readonly owner?: string
  /** How long outcomes are kept after the end of a run, at least a second. Default: "1 hour". */
  readonly retention?: Duration.Input
  /** Where notices go, a line each. Default: standard error. */
  readonly print?: (line: string) => void
}

/** How long to wait for a run. Neither stops the run: it goes on and can be attached to. */
export interface RunOptions {
  /** Stops waiting; `run` rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Stops waiting after this long; `run` rejects with `StillRunning`. Default: waits as long as it takes. */
  readonly within?: Duration.Input
}

/** How long a run may find no worker before that is said, in milliseconds. */
const sayNobodyAfter = 2_000

/** A run before its workflow's types are put on it. */
type AnyRun = Run<unknown, unknown>

export class Runs {
  readonly broker: Broker
  readonly #records: Records
  readonly #replies: Replies
  readonly #owner: string
  readonly #instance = newInstance()
  readonly #keep: number
  readonly #print: (line: string) => void

  constructor(broker: Broker, options: AppOptions = {}) {
    this.broker = broker
    this.#records = new Records(broker)
    this.#owner = options.owner ?? "app"
    this.#keep = Math.max(1_000, Duration.toMillis(options.retention ?? "1 hour"))
    this.#print = options.print ?? printNotice
    this.#replies = new Replies(broker, this.#owner, this.#instance)
  }

  open(): Promise<void> {
    return this.#replies.open()
  }

  close(): Promise<void> {
    return this.#replies.close()
  }

  async run(
    workflow: AnyWorkflow,
    input: unknown,
    options: RunOptions,
    caller: { readonly stack?: string }
  ): Promise<unknown> {
    try {
      const { run, dispatched, waiter } = await this.#start(workflow, input, caller)
      const quiet = this.#sayWhenNobodyServes(run.id, dispatched)
      try {
        return await this.#within(run, waiter, options)
      } finally {
        quiet()
      }
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  async start(
    workflow: AnyWorkflow,
    input: unknown,
    caller: { readonly stack?: string }
  ): Promise<AnyRun> {
    try {
      return (await this.#start(workflow, input, caller)).run
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  attach(id: string, workflow: AnyWorkflow, caller: { readonly stack?: string }): AnyRun {
    const address = addressOf(id)
    if (address === undefined) {
      throw pointAt(
        new UnknownRun({
          run: id,
          message: `${JSON.stringify(id.slice(0, 80))} is not the id of a run: an id looks like app-k3j5…-0m5x…, as start(…) gives it in run.id`
        }),
        caller
      )
    }
    const own = false
    const waiter = new Waiter(this.#records, this.#replies, address, this.#keep, own)
    return this.#handle(address, workflow, waiter, caller)
  }

  async #start(workflow: AnyWorkflow, input: unknown, caller: { readonly stack?: string }) {
    const encoded: Json | undefined = encodeInput(workflow, input)
    const address: RunAddress = {
      owner: this.#owner,
      instance: this.#instance,
      run: newRun(this.broker.now())
    }
    const waiter = new Waiter(this.#records, this.#replies, address, this.#keep, true)
    try {
      const facts = { address, keep: this.#keep }
      const dispatched = await dispatch(this.#records, workflow, encoded, facts)
      const run = this.#handle(address, workflow, waiter, caller)
      return { run, dispatched, waiter }
    } catch (cause) {
      waiter.stop()
      throw cause
    }
  }

  #handle(
    address: RunAddress,
    workflow: AnyWorkflow,
    waiter: Waiter,
    caller: { readonly stack?: string }
  ): AnyRun {
    const read = async () => {
      const verdict = await waiter.verdict()
      return { verdict, outcome: await outcomeOf(this.#records, address, workflow, verdict) }
    }
    return {
      id: runIdOf(address),
      outcome: async () => {
        try {
          return (await read()).outcome
        } catch (cause) {
          throw pointAt(cause, caller)
        }
      },
      result: async () => {
        try {
          const { verdict, outcome } = await read()
          if (outcome._tag === "Succeeded") return outcome.value
          throw errorOf(address, verdict, outcome)
        } catch (cause) {
          throw pointAt(cause, caller)
        }
      },
      status: async () => {
        const known = await lookUp(this.#records, address, this.#keep)
        return typeof known === "string" ? known : known.tag
      }
    }
  }

  async #within(run: AnyRun, waiter: Waiter, options: RunOptions): Promise<unknown> {
    const { signal, within } = options
    if (signal === undefined && within === undefined) return run.result()
    const stops: Array<() => void> = []
    const given = new Promise<never>((_, reject) => {
      if (within !== undefined) {
        const milliseconds = Duration.toMillis(within)
        const message = `run ${run.id} did not end within ${milliseconds} ms. It goes on: attach(${JSON.stringify(run.id)}, workflow) waits for it again.`
        stops.push(after(milliseconds, () => reject(new StillRunning({ run: run.id, message }))))
      }
      const abort = (): void => reject(signal!.reason as Error)
      if (signal?.aborted === true) abort()
      else if (signal !== undefined) {
        signal.addEventListener("abort", abort, { once: true })
        stops.push(() => signal.removeEventListener("abort", abort))
      }
    })
    try {
      return await Promise.race([run.result(), given])
    } catch (cause) {
      waiter.stop()
      throw cause
    } finally {
      for (const stop of stops) stop()
    }
  }

  #sayWhenNobodyServes(run: string, { lane, task }: Dispatched): () => void {
    return after(sayNobodyAfter, () => {
      this.broker.waiting(lane).then(
        (workers) => {
          if (workers > 0) return
          const where = lane.queue === "_" ? "in this namespace" : `on queue "${lane.queue}"`
          this.#print(
            `arpeggio: no worker ${where} yet (namespace "${this.broker.facts.namespace}"), so ${task} waits; run ${run} continues as soon as one starts, for example with serve([...])`
          )
        },
        () => {}
      )
    })
  }
}

/** A connection from which workflows are run. Close it, or declare it with `await using`. */
export interface App extends AsyncDisposable {
  /**
   * Runs a workflow and gives its output.
   *
   * Rejects with the declared error that failed it (an instance of its class); with `TaskCrashed`, `TaskTimedOut`,
   * `RunCancelled` or `RunExpired`; with `StillRunning` when `within` is over; with `InvalidInput` before anything is
   * sent; or with `BrokerError`.
   *
   * @example
   * const answer = await app.run(chain(add(4, 2), mul(3)))
   */
  run<W>(workflow: Runnable<W>): Promise<OutputOf<W>>
  run<W extends AnyWorkflow>(
    workflow: W,
    input: InputOf<W>,
    options?: RunOptions
  ): Promise<OutputOf<W>>
  /** Starts a run without waiting for it. When it resolves, the work is stored in the broker. */
  start<W>(workflow: Runnable<W>): Promise<Run<OutputOf<W>, ErrorOf<W>>>
  start<W extends AnyWorkflow>(
    workflow: W,
    input: InputOf<W>
  ): Promise<Run<OutputOf<W>, ErrorOf<W>>>
  /** The handle of a run that was started anywhere, for as long as its outcome is kept. */
  attach<W extends AnyWorkflow>(id: string, workflow: W): Run<OutputOf<W>, ErrorOf<W>>
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
    start: (workflow: AnyWorkflow, input?: unknown): Promise<AnyRun> =>
      runs.start(workflow, input, callerOf(app.start)),
    attach: (id: string, workflow: AnyWorkflow): AnyRun =>
      runs.attach(id, workflow, callerOf(app.attach)),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce
  }
  return app as App
}
