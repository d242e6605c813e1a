/** One execution of a call: its arguments fetched, its handler run, and how that ended. */
import type * as Context from "effect/Context"
import type { TaskDefinition } from "../define/definition.ts"
import { givesSame } from "../define/fingerprint.ts"
import type { CallMessage } from "../encode/message.ts"
import type { OtherContract } from "../encode/reference.ts"
import type { Parcel } from "../encode/parcel.ts"
import { onceThere, type Soon } from "../define/soon.ts"
import type { Reference } from "../encode/reference.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import { describePosition, type Position, type RunFacts } from "../engine/frame.ts"
import { joinArguments } from "../engine/value.ts"
import { crashText, type Verdict } from "../engine/verdict.ts"
import type { Delivery } from "../transport/broker.ts"
import { isFinal } from "../transport/failure.ts"
import { noHints, type Execution, type Hints } from "../engine/call/execution.ts"
import { execute } from "./executor.ts"
import { Interruption } from "./interruption.ts"
import type { Leases } from "./lease.ts"
import type { WorkerLog } from "./log.ts"
import type { Running, RunningStep } from "./running.ts"
import { CallContext } from "./step-context.ts"
import type { Waits } from "./waits.ts"

/** What every execution of a worker shares. */
export interface AttemptOptions {
  readonly engine: Engine
  readonly running: Running
  readonly leases: Leases
  readonly log: WorkerLog
  readonly services: Context.Context<never>
  /** Milliseconds, for tasks and calls that name none. */
  readonly timeout: number
  readonly waits: Waits
}

/** How an execution ended, and what its handler said about another. */
export interface Attempted {
  readonly execution: Execution
  readonly hints: Hints
  /** When the handler has ended, if that was not what decided: it was told to stop, and may go on. */
  readonly still?: Promise<unknown>
}

export const attempt = (
  options: AttemptOptions,
  run: RunFacts,
  task: TaskDefinition,
  parcel: Parcel<CallMessage>,
  delivery: Delivery
): Soon<Attempted> => {
  const { message, slots } = parcel
  const input = inputOf(options.engine, run, message, slots[0] ?? "[]")
  return onceThere(input, (input) =>
    typeof input === "string"
      ? begin(options, run, task, message, input, delivery)
      : { execution: input, hints: noHints() }
  )
}

const notYet: RunningStep["stop"] = () => {}

const begin = (
  { engine, running, leases, services, timeout, log, waits }: AttemptOptions,
  run: RunFacts,
  task: TaskDefinition,
  message: CallMessage,
  input: string,
  delivery: Delivery
): Soon<Attempted> => {
  const hints = noHints()
  const { owner, instance } = run.address
  // It may have closed while this call was looked up, or this process slept.
  if (running.hasClosed(owner, message.run, message.scopes)) {
    return { execution: { as: "stopped", reason: "closing" }, hints }
  }
  if (running.stopped !== undefined) {
    return { execution: { as: "stopped", reason: running.stopped }, hints }
  }
  const id = runIdOf(run.address)
  const interruption = new Interruption((thrown) => log.listenerThrew(id, message, thrown))
  const context = new CallContext(
    id,
    message,
    engine.worker,
    hints,
    interruption,
    delivery.subject,
    waits
  )
  const began = engine.broker.elapsed()
  const { scopes, step, task: name } = message
  const { deliveries } = delivery
  const own: RunningStep = {
    owner,
    instance,
    run: message.run,
    step,
    task: name,
    deliveries,
    scopes,
    context,
    began,
    // Nobody can tell it to stop before it first waits.
    stop: notYet,
    decided: false
  }
  // Before it begins: it may end the process at once.
  const before = running.called(own)
  const started = execute({
    task,
    input,
    made: message.fingerprint,
    crossed: message.crossed === true,
    services,
    clock: engine.broker,
    timeout: message.policy?.timeout ?? task.timeout ?? timeout,
    interruption,
    step: context
  })
  running.returned(before)
  if ("as" in started) return { execution: started, hints }
  running.enter(own)
  const { over, isOver } = started
  own.stop = started.stop
  // It may have stopped its worker itself.
  if (running.stopped !== undefined) started.stop(running.stopped)
  const leave = (): void => running.leave(own)
  const rest = leases.executes(delivery)
  return started.ended.then((execution) => {
    rest()
    if (isOver()) {
      leave()
      return { execution, hints }
    }
    own.decided = true
    void over.then(leave)
    return { execution, hints, still: over }
  })
}

type Unavailable = Extract<Execution, { readonly as: "crashed" }>

/** The arguments as one list; or the crash of a call whose arguments cannot be had any more, or are too large. */
const inputOf = (
  engine: Engine,
  run: RunFacts,
  { args, first, open }: CallMessage,
  given: string
): Soon<string | Unavailable> =>
  args === undefined && first === undefined
    ? given
    : inputElsewhere(engine, run, args ?? first!, args === undefined ? given : undefined, open)

/** Arguments, or the one among those that are given that arrived, from where they are kept. */
const inputElsewhere = async (
  { records }: Engine,
  run: RunFacts,
  reference: Reference,
  given: string | undefined,
  open: number | undefined
): Promise<string | Unavailable> => {
  try {
    const value = await records.resolve(run.address, { reference })
    if (given === undefined) return value
    return joinArguments(value, given, open)
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
  execution: Exclude<Execution, { readonly as: "plan" | "foreign" }>,
  began: number,
  definition?: TaskDefinition
): Verdict => {
  const tag = tags[execution.as]
  const { step, task, attempt } = message
  const contract = hasValue(tag) ? otherContract(engine, at, message, definition) : undefined
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
      : { decided: { step, task, attempt, place: describePosition(at) } }),
    ...(contract === undefined ? {} : { contract })
  }
}

const hasValue = (tag: Verdict["tag"]): boolean => tag === "Succeeded" || tag === "Failed"

/** The contract that an outcome is made with, where it gives something else than the plan was built with. */
export const otherContract = (
  { worker, since }: Engine,
  { frame }: Position,
  { fingerprint }: CallMessage,
  task: TaskDefinition | undefined
): OtherContract | undefined =>
  frame.contract ??
  (task === undefined || givesSame(fingerprint, task.fingerprint)
    ? undefined
    : { task: task.name, fingerprint: task.fingerprint, worker, since })
