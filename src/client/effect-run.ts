/** A run in Effects, and how promises of ours become them. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { runWithStep, Step } from "../define/context.ts"
import type { Outcome } from "../define/outcome.ts"
import type { BrokerError } from "../broker/errors.ts"
import type { InvalidResult, ResultExpired, RunError, UnknownRun } from "../result/errors.ts"
import { declaredIn } from "../result/rejected.ts"
import type { Run, RunDescription, RunStatus } from "../result/run.ts"

/** The handle of a run, in Effects. */
export interface EffectRun<out Out, out Err = never> {
  /** Names the run everywhere. */
  readonly id: string
  /** The outcome, as a value; fails only where there is none to be read. */
  readonly outcome: Effect.Effect<
    Outcome<Out, Err>,
    BrokerError | UnknownRun | ResultExpired | InvalidResult
  >
  /** The output; fails with the declared error, or with what else became of the run. */
  readonly result: Effect.Effect<Out, Err | RunError | BrokerError>
  /** Where the run stands now, read from the broker. */
  readonly status: Effect.Effect<RunStatus, BrokerError | InvalidResult>
  /** Why the run has not ended. */
  readonly describe: Effect.Effect<RunDescription, BrokerError | InvalidResult>
  /** Cancels the run; succeeds with how it ended. */
  readonly cancel: Effect.Effect<
    RunStatus,
    BrokerError | UnknownRun | ResultExpired | InvalidResult
  >
}

/** Rejections of ours and declared errors are failures; anything else is a defect. In a handler it is done as its step. */
export const attempt = <A>(work: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, unknown> =>
  Effect.serviceOption(Step).pipe(
    Effect.flatMap((step) =>
      Effect.tryPromise({
        try: (signal) =>
          Option.isSome(step) ? runWithStep(step.value, () => work(signal)) : work(signal),
        catch: declaredIn
      })
    ),
    Effect.catch((cause) => (isTagged(cause) ? Effect.fail(cause) : Effect.die(cause)))
  )

const isTagged = (cause: unknown): boolean =>
  typeof cause === "object" && cause !== null && "_tag" in cause

export const inEffects = (run: Run<unknown, unknown>): EffectRun<unknown, unknown> => ({
  id: run.id,
  outcome: attempt((signal) => run.outcome({ signal })) as never,
  result: attempt((signal) => run.result({ signal })),
  status: attempt((signal) => run.status({ signal })) as never,
  describe: attempt((signal) => run.describe({ signal })) as never,
  cancel: attempt((signal) => run.cancel({ signal })) as never
})
