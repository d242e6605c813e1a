/** What a running handler may ask about the step it is. */
import type { HowLong, WithUnit } from "./duration.ts"
import { AsyncLocalStorage } from "node:async_hooks"
import * as Context from "effect/Context"
import { NoStep } from "./errors.ts"

/** The step that a handler is running for. */
export interface StepContext {
  /** The run this step belongs to. */
  readonly run: string
  /** The step itself: the same in every attempt. */
  readonly id: string
  /** The step before, or the one that this step hangs below; `null` for the first. */
  readonly parent: string | null
  /** The name of the task. */
  readonly task: string
  /** Counted from 1. A worker that is stopped or dies costs no attempt. */
  readonly attempt: number
  /** The worker that executes it, as its log and its outcomes name it. */
  readonly worker: string
  /** Fires when nobody needs the value any more, or it comes too late: the run was cancelled, its group has ended, the time is up, or the worker stops. Its `reason` is a `StepStopped` that says which. Listeners may call `step()`. */
  readonly signal: AbortSignal
  /** To pass on to systems that can tell a repeated request: the same in every execution of this step. */
  readonly idempotencyKey: string
  /** What the call was given with `.with({ headers })`. */
  readonly headers: { readonly [name: string]: string }
  /**
   * Of a run that a schedule has started: its name, and the time for which it was, which is not when it was started; else absent.
   * `triggered`: somebody called `trigger()`, at that time, which is none of the schedule's own.
   */
  readonly scheduled?:
    | { readonly name: string; readonly at: Date; readonly triggered: boolean }
    | undefined
  /** Says that a failure of this attempt is final, whatever the retry policy allows. */
  readonly doNotRetry: () => void
  /** Says how long the next attempt should wait, if this one fails and the policy allows another. Throws a `ContractError` for what is no duration. */
  readonly retryAfter: (wait: HowLong<WithUnit<"wait">>) => void
  /** For a client that is used in the handler: tells the worker that it waits for a run whose calls go to these queues, until the answer is called. */
  readonly "~waits"?: (queues: () => ReadonlySet<string>) => () => void
}

/** One for all copies of this package that a program loads: a handler may come from another than its worker. */
const shared = Symbol.for("arpeggio/step/1")

/** What stands in a step's place where this package does something for itself: no step, and not the program's own either. */
interface Ours {
  readonly "~ours": true
}

const ours: Ours = { "~ours": true }

const current = ((): AsyncLocalStorage<StepContext | Ours> => {
  const all = globalThis as { [shared]?: AsyncLocalStorage<StepContext | Ours> }
  if (all[shared] === undefined) {
    Object.defineProperty(all, shared, { value: new AsyncLocalStorage<StepContext | Ours>() })
  }
  return all[shared]!
})()

/** The step that runs here, or whose code has set going what runs here now; `undefined` outside of all. */
export const stepHere = (): StepContext | undefined => {
  const here = current.getStore()
  return here === undefined || "~ours" in here ? undefined : here
}

/**
 * The step that the calling handler runs for. Works behind any number of awaits. Throws `NoStep` outside a handler.
 *
 * @example
 * const whoami = task("who.am.i", { input: [], output: Schema.String }, () => step().task)
 * await using app = await testApp([whoami])
 * const answer = await app.run(whoami()) // "who.am.i"
 */
export const step = (): StepContext => {
  const found = stepHere()
  if (found !== undefined) return found
  throw new NoStep({
    message:
      "step() was called outside a handler: it is there only while a worker runs a task. Call it inside the handler and pass on what you need."
  })
}

/** The step that a handler runs for, in handlers that are Effects: `const { attempt } = yield* Step`. */
export class Step extends Context.Service<Step, StepContext>()("arpeggio/Step") {}

/** Whether whoever calls is the program itself: no handler, and nothing that this package does for itself. For the worker. */
export const isProgram = (): boolean => current.getStore() === undefined

/** Runs `work`, and all that it sets going, as something that this package does for itself. Handlers in it are steps all the same. */
export const runAsOurs = <A>(work: () => A): A => current.run(ours, work)

/** Runs `work` as the given step. For the worker. */
export const runWithStep = <A>(context: StepContext, work: () => A): A => current.run(context, work)

/** Whether a handler calls this. */
export const isInStep = (): boolean => stepHere() !== undefined

/** Says that the handler which calls this, if one does, waits for a run; the answer is to be called when it waits no longer. */
export const waitInStep = (queues: () => ReadonlySet<string>): (() => void) | undefined =>
  stepHere()?.["~waits"]?.(queues)
