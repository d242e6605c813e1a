/** A worker as a layer: for handlers that are Effects and need services. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ContractError } from "../define/failure.ts"
import type { Served, Services } from "../define/served.ts"
import type { AnyTask } from "../define/task.ts"
import { type BrokerError, whyNotOpened } from "../transport/failure.ts"
import { openWorker, settingsOf, type Worker as Handle, type WorkerOptions } from "./serve.ts"

/** A worker inside this process, as `startWorker` gives it. */
export type Worker = Handle

/**
 * `Worker.layer(tasks, options)` serves the tasks for as long as the layer lives, and drains when it ends. The services
 * that handlers need are required by the layer.
 *
 * @example
 * const program = Layer.launch(Worker.layer([charge]).pipe(Layer.provide(Payments.layer)))
 */
export const Worker: {
  readonly layer: <const Tasks extends ReadonlyArray<AnyTask>>(
    tasks: Served<Tasks>,
    options?: WorkerOptions
  ) => Layer.Layer<never, ContractError | BrokerError, Services<Tasks>>
} = {
  layer: <const Tasks extends ReadonlyArray<AnyTask>>(
    tasks: Served<Tasks>,
    options: WorkerOptions = {}
  ) =>
    Layer.effectDiscard(
      Effect.gen(function* () {
        const services = yield* Effect.context<Services<Tasks>>()
        yield* Effect.acquireRelease(
          Effect.tryPromise({
            try: async () => {
              const context = services as Context.Context<never>
              return openWorker(settingsOf(tasks as unknown as Tasks, options, context), options)
            },
            catch: whyNotOpened
          }),
          (worker) => Effect.promise(() => worker.drain())
        )
      })
    )
}
