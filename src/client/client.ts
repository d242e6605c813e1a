/** The same verbs for Effect programs: a service whose failures are typed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Chosen } from "../compose/fit.ts"
import type { ReadAs, Readable } from "../compose/readable.ts"
import type { Runnable } from "../compose/runnable.ts"
import type { ContractError, InvalidInput } from "../define/errors.ts"
import { addressOf } from "../encode/subjects.ts"
import type { AnyWorkflow, ErrorOf, InputOf, OutputOf } from "../define/workflow.ts"
import type {
  DeadLetterPage,
  DeadLetterQuery,
  OpenedDeadLetter,
  RedriveOptions,
  RedrivenRun
} from "../result/dead-letter.ts"
import type {
  InvalidResult,
  KeyTaken,
  NotRedrivable,
  ResultExpired,
  RunError,
  StillRunning,
  UnknownDeadLetter,
  UnknownRun
} from "../result/errors.ts"
import type { FindQuery, RunStatus } from "../result/run.ts"
import type { WaitOptions } from "../result/wait.ts"
import { type BrokerError, whyNotOpened } from "../broker/errors.ts"
import type { Health } from "../broker/health.ts"
import type { OpenBroker } from "../nats/open.ts"
import type { AppOptions } from "./app.ts"
import { clientHealth } from "./health.ts"
import { readBy } from "./given.ts"
import { noRun } from "./handle.ts"
import { Runs } from "./runs.ts"
import type { ScheduleSpec } from "../schedule/spec.ts"
import {
  type EffectSchedule,
  type EffectSchedules,
  scheduleInEffects,
  schedulesInEffects
} from "./effect-schedules.ts"
import { attempt, type EffectRun, inEffects } from "./effect-run.ts"
import type { AnySpec } from "./schedules.ts"
import { type ConnectOptions, openWith } from "./connect.ts"

/** Why a run could not be started: nothing was sent, unless the reason of a `BrokerError` is `Unknown`. */
export type StartError = InvalidInput | KeyTaken | BrokerError

/** Why no run could be looked for; `KeyTaken` where a newer release holds the key. */
export type FindError = BrokerError | ContractError | KeyTaken

/** What a `Client` can do: the verbs of an `App`. Interrupting an effect stops the waiting, never the run. */
export interface ClientService {
  /** Runs a workflow and gives its output. */
  run<W>(workflow: Runnable<W>): Effect.Effect<OutputOf<W>, ErrorOf<W> | RunError | StartError>
  /** Runs a workflow with an input and gives its output. */
  run<W extends AnyWorkflow>(
    workflow: Chosen<W>,
    input: InputOf<W>
  ): Effect.Effect<OutputOf<W>, ErrorOf<W> | RunError | StartError>
  /** Starts a run without waiting for it. When it succeeds, the work is stored in the broker. */
  start<W>(workflow: Runnable<W>): Effect.Effect<EffectRun<OutputOf<W>, ErrorOf<W>>, StartError>
  /** Starts a run with an input. */
  start<W extends AnyWorkflow>(
    workflow: Chosen<W>,
    input: InputOf<W>
  ): Effect.Effect<EffectRun<OutputOf<W>, ErrorOf<W>>, StartError>
  /** The handle of a run that was started anywhere, for as long as its outcome is kept. */
  attach<W extends AnyWorkflow>(
    id: string,
    workflow: W
  ): Effect.Effect<EffectRun<OutputOf<W>, ErrorOf<W>>, UnknownRun>
  /** The same without the workflow: what is read of the run is plain data. */
  attach(id: string): Effect.Effect<EffectRun<unknown, unknown>, UnknownRun>
  /** The same with the task of which the run is a call, or with a function that builds the workflow from no arguments. */
  attach<B>(
    id: string,
    build: Readable<B>
  ): Effect.Effect<EffectRun<OutputOf<ReadAs<B>>, ErrorOf<ReadAs<B>>>, UnknownRun>
  /** The run that was started with this key, as long as it is kept; read as plain data. */
  find(
    query: Pick<FindQuery, "key">
  ): Effect.Effect<EffectRun<unknown, unknown> | undefined, FindError>
  /** The same, read by the workflow that was started. */
  find<W extends AnyWorkflow>(
    query: Pick<FindQuery, "key">,
    workflow: W
  ): Effect.Effect<EffectRun<OutputOf<W>, ErrorOf<W>> | undefined, FindError>
  /** The same, read by the task of which the run is a call, or by a function that builds the workflow from no arguments. */
  find<B>(
    query: Pick<FindQuery, "key">,
    build: Readable<B>
  ): Effect.Effect<EffectRun<OutputOf<ReadAs<B>>, ErrorOf<ReadAs<B>>> | undefined, FindError>
  /** Cancels a run from any process; succeeds with how it ended. */
  cancel(
    id: string
  ): Effect.Effect<RunStatus, BrokerError | UnknownRun | ResultExpired | InvalidResult>
  /** The same, for no longer than `within`; then it fails with `StillRunning`, and the cancel is stored. */
  cancel(
    id: string,
    options: Pick<WaitOptions, "within">
  ): Effect.Effect<
    RunStatus,
    BrokerError | UnknownRun | ResultExpired | InvalidResult | StillRunning
  >
  /** How the connection and the broker are now. */
  readonly health: Effect.Effect<Health>
  /** The calls that nobody could do. */
  readonly deadLetters: EffectDeadLetters
  /** Stores a schedule under its name, as `app.schedule` does. */
  schedule<W extends AnyWorkflow>(
    name: string,
    workflow: Chosen<W>,
    spec: ScheduleSpec<InputOf<W>>
  ): Effect.Effect<
    EffectSchedule<InputOf<W>, OutputOf<W>, ErrorOf<W>>,
    ContractError | InvalidInput | BrokerError
  >
  /** The schedules that are stored. */
  readonly schedules: EffectSchedules
}

/** `DeadLetters`, in Effects. */
export interface EffectDeadLetters {
  /** A page of dead letters, the oldest first. */
  list(query?: DeadLetterQuery): Effect.Effect<DeadLetterPage, BrokerError | ContractError>
  /** One dead letter with its arguments and its body. */
  read(id: string): Effect.Effect<OpenedDeadLetter, BrokerError | UnknownDeadLetter>
  /** Starts its run again, as `DeadLetters` does. */
  redrive(
    id: string,
    options?: Pick<RedriveOptions, "queue">
  ): Effect.Effect<RedrivenRun, BrokerError | ContractError | UnknownDeadLetter | NotRedrivable>
  /** Removes it for good. */
  drop(id: string): Effect.Effect<void, BrokerError | UnknownDeadLetter>
}

const serviceOf = (runs: Runs): ClientService =>
  ({
    run: (workflow: AnyWorkflow, input?: unknown) =>
      attempt((signal) => runs.run(workflow, input, { signal }, {})),
    start: (workflow: AnyWorkflow, input?: unknown) =>
      attempt((signal) => runs.start(workflow, input, { signal }, {})).pipe(Effect.map(inEffects)),
    attach: (id: string, ...given: ReadonlyArray<unknown>) =>
      attempt(async () => {
        if (addressOf(id) === undefined) throw noRun(id)
        const workflow = given.length === 0 ? undefined : readBy(given[0], {})
        return inEffects(runs.attach(id, workflow, {}))
      }),
    find: (query: FindQuery, ...given: ReadonlyArray<unknown>) =>
      attempt(async (signal) => {
        const workflow = given.length === 0 ? undefined : readBy(given[0], {}, "find")
        const run = await runs.find({ ...query, signal }, workflow, {})
        return run && inEffects(run)
      }),
    cancel: (id: string, options: WaitOptions = {}) =>
      attempt((signal) => runs.cancel(id, { ...options, signal }, {})),
    health: Effect.promise(() => clientHealth(runs.broker, runs.print)),
    deadLetters: {
      list: (query?: DeadLetterQuery) =>
        attempt((signal) => runs.deadLetters.list({ ...query, signal })),
      read: (id: string) => attempt((signal) => runs.deadLetters.read(id, { signal })),
      redrive: (id: string, options: RedriveOptions = {}) =>
        attempt((signal) => runs.deadLetters.redrive(id, { ...options, signal })),
      drop: (id: string) => attempt((signal) => runs.deadLetters.drop(id, { signal }))
    },
    schedule: (name: string, workflow: AnyWorkflow, spec: AnySpec) =>
      attempt((signal) => runs.schedules.declare({ name, workflow, spec }, { signal }, {})).pipe(
        Effect.map(scheduleInEffects)
      ),
    schedules: schedulesInEffects(runs)
  }) as ClientService

const open = (
  options: AppOptions,
  opening: () => Promise<OpenBroker>
): Layer.Layer<Client, BrokerError | ContractError> =>
  Layer.effect(
    Client,
    Effect.gen(function* () {
      const { broker } = yield* Effect.acquireRelease(
        Effect.tryPromise({ try: opening, catch: whyNotOpened }),
        ({ close }) => Effect.promise(() => close())
      )
      const runs = yield* Effect.try({ try: () => new Runs(broker, options), catch: whyNotOpened })
      yield* Effect.acquireRelease(
        Effect.tryPromise({ try: () => runs.open(), catch: whyNotOpened }),
        () => Effect.promise(() => runs.close())
      )
      return serviceOf(runs)
    })
  )

/**
 * Runs workflows from Effect.
 *
 * @example
 * const program = Effect.gen(function* () {
 *   const client = yield* Client
 *   return yield* client.run(chain(add(4, 2), mul(3)))
 * }).pipe(Effect.provide(Client.layer()))
 * const answer = await Effect.runPromise(program) // 18
 */
export class Client extends Context.Service<Client, ClientService>()("arpeggio/Client") {
  /** Connects as `connect` does, for as long as the layer lives. */
  static readonly layer = (
    options: ConnectOptions = {}
  ): Layer.Layer<Client, BrokerError | ContractError> =>
    open(options, () => openWith("Client.layer", options))
}
