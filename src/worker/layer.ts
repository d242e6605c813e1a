/** A worker as a layer: for handlers that are Effects and need services. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ContractError } from "../define/errors.ts"
import type { Served, ServedMore, Services, Source } from "../define/served.ts"
import { type BrokerError, whyNotOpened } from "../broker/errors.ts"
import type { WorkerHealth } from "./health.ts"
import { openWorker } from "./open.ts"
import { settingsOf, type WorkerOptions } from "./serve.ts"
import { apart, servedIn } from "./sources.ts"

/** A worker inside this process, as `startWorker` gives it. */
export interface Worker extends AsyncDisposable {
  /** As outcomes and logs name it. */
  readonly name: string
  /** Takes nothing more, waits for what runs, sends back what does not end within the grace, disconnects. */
  drain(): Promise<void>
  /** How the worker is now, as plain data. Answers within two seconds, also without a connection; never rejects. */
  health(): Promise<WorkerHealth>
  /** Resolves when the connection has ended for good; with the reason (a `BrokerError`) when nobody asked for that. */
  readonly ended: Promise<Error | undefined>
}

/**
 * A worker for programs in Effect: `Worker.layer(tasks, options)`.
 *
 * @example
 * const program = Layer.launch(Worker.layer([charge]).pipe(Layer.provide(Payments.layer)))
 */
export const Worker: {
  /** Serves what `serve` takes for as long as the layer lives, and drains when it ends. The services that handlers need are required by the layer. */
  readonly layer: <
    const First extends Source,
    const Rest extends ReadonlyArray<Source | WorkerOptions>
  >(
    first: Served<First, "provided">,
    ...more: ServedMore<Rest, WorkerOptions, "provided">
  ) => Layer.Layer<never, ContractError | BrokerError, Services<[First, ...Rest]>>
} = {
  layer: <const First extends Source, const Rest extends ReadonlyArray<Source | WorkerOptions>>(
    first: Served<First, "provided">,
    ...more: ServedMore<Rest, WorkerOptions, "provided">
  ) =>
    Layer.effectDiscard(
      Effect.gen(function* () {
        const services = yield* Effect.context<Services<[First, ...Rest]>>()
        yield* Effect.acquireRelease(
          Effect.tryPromise({
            try: async () => {
              const { sources, options } = apart<WorkerOptions>([first, ...more])
              const context = services as Context.Context<never>
              return openWorker(settingsOf(servedIn(sources), options, context), options)
            },
            catch: whyNotOpened
          }),
          (worker) => Effect.promise(() => worker.drain())
        )
      })
    )
}
