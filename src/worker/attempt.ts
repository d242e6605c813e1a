/** One execution of a call: its arguments fetched, its handler run, and how that ended. */
import type * as Context from "effect/Context"
import type { TaskDefinition } from "../define/definition.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import { describePosition, type Position, type RunFacts } from "../engine/frame.ts"
import { crashText, type Verdict } from "../engine/verdict.ts"
import { isFinal } from "../transport/failure.ts"
import { execute, type Execution } from "./executor.ts"
import { hinting, noHints, type Hints } from "./retrier.ts"
import type { Running } from "./running.ts"

/** What every execution of a worker shares. */
export interface AttemptOptions {
  readonly engine: Engine
  readonly running: Running
  readonly services: Context.Context<never>
  /** Milliseconds, for tasks and calls that name none. */
  readonly timeout: number
}

/** How an execution ended, and what its handler said about another. */
export interface Attempted {
  readonly execution: Execution
  readonly hints: Hints
}

export const attempt = async (
  options: AttemptOptions,
  run: RunFacts,
  task: TaskDefinition,
  { message, slots }: Parcel<CallMessage>,
  deliveries: number
): Promise<Attempted> => {
  const { engine, running, services, timeout } = options
  const id = runIdOf(run.address)
  const hints = noHints()
  const input = await inputOf(engine, run, message, slots[0] ?? "[]")
  if (typeof input !== "string") return { execution: input, hints }
  const { owner } = run.address
  // It may have closed while this call was looked up, or this process slept.
  if (running.hasClosed(owner, message.run, message.scopes)) {
    return { execution: { as: "stopped", reason: "closing" }, hints }
  }
  const started = execute({
    task,
    input,
    services,
    timeout: message.policy?.timeout ?? task.timeout ?? timeout,
    step: {
      run: id,
      id: message.step,
      parent: message.parent,
      task: message.task,
      attempt: message.attempt,
      worker: engine.worker,
      idempotencyKey: `${id}/${message.step}`,
      headers: message.headers ?? {},
      ...hinting(hints)
    }
  })
  const leave = running.enter({
    owner,
    run: message.run,
    step: message.step,
    deliveries,
    scopes: message.scopes,
    stop: started.stop
  })
  return { execution: await started.ended.finally(leave), hints }
}

/** The arguments as one list; or the crash of a call whose arguments cannot be had any more, or are too large. */
const inputOf = async (
  engine: Engine,
  run: RunFacts,
  message: CallMessage,
  given: string
): Promise<string | Extract<Execution, { readonly as: "crashed" }>> => {
  const { records } = engine
  const { args, first } = message
  try {
    if (args !== undefined) return await records.resolve(run.address, { reference: args })
    if (first === undefined) return given
    const value = await records.resolve(run.address, { reference: first })
    return given === "[]" ? `[${value}]` : `[${value},${given.slice(1)}`
  } catch (cause) {
    if (!isFinal(cause)) throw cause
    return { as: "crashed", text: crashText("InputUnavailable", cause) }
  }
}

const tags = {
  value: "Succeeded",
  failed: "Failed",
  crashed: "Crashed",
  timedOut: "TimedOut",
  stopped: "Cancelled"
} as const

/** The outcome to offer for an execution. */
export const verdictOf = (
  engine: Engine,
  at: Position,
  message: CallMessage,
  execution: Exclude<Execution, { readonly as: "plan" }>,
  began: number
): Verdict => {
  const tag = tags[execution.as]
  const { step, task, attempt } = message
  return {
    tag,
    value: {
      text: execution.as === "stopped" ? '{"reason":"its scope ended"}' : execution.text
    },
    step,
    attempt,
    worker: engine.worker,
    began,
    ended: engine.broker.now(),
    ...(tag === "Succeeded"
      ? {}
      : { decided: { step, task, attempt, place: describePosition(at) } })
  }
}
