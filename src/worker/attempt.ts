/** One execution of a call: its arguments fetched, its handler run, and how that ended. */
import type * as Context from "effect/Context"
import { onceThere, type Soon } from "../define/awaitable.ts"
import { runIdOf } from "../encode/subjects.ts"
import { type Engine, type Execution, type Hints, type Job } from "../engine/index.ts"
import { execute } from "./handler-runner.ts"
import { Interruption, CallContext } from "./step-context.ts"
import type { Leases } from "./heartbeat.ts"
import type { WorkerLog } from "./log.ts"
import type { Running, RunningStep } from "./running-handlers.ts"
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

export const attempt = (options: AttemptOptions, job: Job): Soon<Attempted> =>
  onceThere(options.engine.calls.input(job), (input) =>
    typeof input === "string"
      ? begin(options, job, input)
      : { execution: input, hints: { never: false } }
  )

const notYet: RunningStep["stop"] = () => {}

const begin = (
  { engine, running, leases, services, timeout, log, waits }: AttemptOptions,
  job: Job,
  input: string
): Soon<Attempted> => {
  const { delivery, run, message, task } = job
  const hints: Hints = { never: false }
  const { owner, instance } = run.address
  // It may have closed while this call was looked up, or this process slept.
  if (running.hasClosed(owner, message.run, message.scopes)) {
    return { execution: { as: "stopped", reason: "closing" }, hints }
  }
  if (running.stopped !== undefined) {
    return { execution: { as: "stopped", reason: running.stopped }, hints }
  }
  const id = runIdOf(run.address)
  const interruption = new Interruption((thrown) => log.listenerThrew(job, thrown))
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
