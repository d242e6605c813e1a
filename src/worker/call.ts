/** Executes one call: one committed outcome, everything that follows from it, and only then the ack. */
import type * as Context from "effect/Context"
import type { TaskDefinition } from "../define/definition.ts"
import { packMessage, type CallMessage, type Parcel } from "../encode/message.ts"
import { runIdOf, type SubjectParts } from "../encode/subjects.ts"
import type { Advancer } from "../engine/advancer.ts"
import type { Engine } from "../engine/context.ts"
import { describePosition, fenceOf, placeOf } from "../engine/frame.ts"
import type { Position, RunFacts } from "../engine/frame.ts"
import { nothing } from "../engine/value.ts"
import { crashText, type Verdict } from "../engine/verdict.ts"
import type { Delivery } from "../transport/broker.ts"
import { isFinal } from "../transport/failure.ts"
import { execute, type Execution } from "./executor.ts"
import type { WorkerLog } from "./log.ts"
import { bury, park, parkedBody } from "./parker.ts"
import { isDecided, isSettled, runIsOver } from "./past.ts"
import { positionOf, whyNotCall } from "./position.ts"
import type { Running } from "./running.ts"

/** A call that waited this long in its queue is worth a look at its scope before it begins, in milliseconds. */
const longWait = 250

/** Half the time after which an ended run is collected, in milliseconds. */
const longExecution = 60_000

export interface ReceiverOptions {
  readonly engine: Engine
  readonly advancer: Advancer
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly running: Running
  readonly services: Context.Context<never>
  /** Milliseconds, for tasks and calls that name none. */
  readonly timeout: number
  readonly log: WorkerLog
}

export class CallReceiver {
  readonly #options: ReceiverOptions

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  async receive(
    delivery: Delivery,
    run: RunFacts,
    parts: SubjectParts,
    parcel: Parcel<CallMessage>,
    free: () => void
  ): Promise<void> {
    const { engine, advancer, tasks, running, log } = this.#options
    const { message, slots } = parcel
    const id = runIdOf(run.address)
    const suspicious =
      delivery.deliveries > 1 || delivery.fired || message.again === true || message.attempt > 1
    // Not so for a second delivery: the first may have closed the scope and died before what follows was done.
    if (!suspicious && running.hasClosed(run.address.owner, message.run, message.scopes)) {
      return delivery.ack()
    }
    const waited = message.scopes.length > 0 && engine.broker.now() - delivery.at > longWait
    const composite = message.frame !== undefined
    if (suspicious && (await runIsOver(engine, run, composite))) return delivery.ack()
    const at = await positionOf(engine, run, message, slots[1])
    const wrong = typeof at === "string" ? at : whyNotCall(at, message, parts)
    if (typeof at === "string" || wrong !== undefined) {
      return bury(engine, log, delivery, run.address, wrong!)
    }
    if (suspicious && (await isSettled(engine, advancer, at))) return delivery.ack()
    if (waited && (await engine.records.outcome(run.address, fenceOf(at))) !== undefined) {
      return delivery.ack()
    }
    const task = tasks.get(message.task)
    if (task === undefined) {
      const body = parkedBody(message, slots)
      const wait = await park(engine, delivery, parts, message.step, message.parked ?? 0, body)
      return log.parked(message.task, "this worker does not serve it", wait)
    }
    const place = placeOf(at)
    const leave =
      place.kind === "i" && place.index !== "_"
        ? engine.joiner.enter(run.address, place.node)
        : () => {}
    try {
      const began = engine.broker.now()
      const execution = await this.#execute(delivery, run, task, parcel)
      if (execution.as === "stopped" && execution.reason === "draining") {
        return await this.#giveBack(delivery, message, slots)
      }
      // A run that failed meanwhile may have been collected, and its fences with it.
      const long = composite && engine.broker.now() - began > longExecution
      if (long && (await runIsOver(engine, run, composite))) return delivery.ack()
      if (execution.as === "plan") {
        const expansion = await engine.frames.replace(at, execution.text)
        log.ended(id, message, "replaced", engine.broker.now() - began)
        leave()
        // Another execution may have decided the step, or its scope have closed, before the expansion could be found.
        if (await isDecided(engine, advancer, at)) return delivery.ack()
        await advancer.begin({ frame: expansion, node: 0 }, nothing, {
          parent: message.step,
          again: suspicious
        })
        return delivery.ack()
      }
      const offered = this.#verdict(at, message, execution, began)
      const { verdict, ours } = await engine.records.commit(run, place, offered)
      const told = verdict.tag === offered.tag ? offered.value : verdict.value
      log.ended(id, message, verdict.tag, verdict.ended - began, told)
      leave()
      free()
      // Whoever closed the scope does what follows; unless it was an execution of this very call, and died.
      if (execution.as !== "stopped" || !ours) {
        await advancer.advance(at, verdict, suspicious || !ours)
      }
      delivery.ack()
    } finally {
      leave()
    }
  }

  async #execute(
    delivery: Delivery,
    run: RunFacts,
    task: TaskDefinition,
    { message, slots }: Parcel<CallMessage>
  ): Promise<Execution> {
    const { engine, running, services, log } = this.#options
    const id = runIdOf(run.address)
    const input = await this.#input(run, message, slots[0] ?? "[]")
    if (typeof input !== "string") return input
    log.started(id, message, delivery.deliveries)
    const started = execute({
      task,
      input,
      services,
      timeout: message.policy?.timeout ?? task.timeout ?? this.#options.timeout,
      step: {
        run: id,
        id: message.step,
        parent: message.parent,
        task: message.task,
        attempt: message.attempt,
        worker: engine.worker,
        idempotencyKey: `${id}/${message.step}`,
        headers: message.headers ?? {}
      }
    })
    const leave = running.enter({
      owner: run.address.owner,
      run: message.run,
      scopes: message.scopes,
      stop: started.stop
    })
    return started.ended.finally(leave)
  }

  /** The arguments as one list; or the crash of a call whose arguments cannot be had any more, or are too large. */
  async #input(
    { address }: RunFacts,
    { args, first }: CallMessage,
    given: string
  ): Promise<string | Extract<Execution, { readonly as: "crashed" }>> {
    const { records } = this.#options.engine
    try {
      if (args !== undefined) return await records.resolve(address, { reference: args })
      if (first === undefined) return given
      const value = await records.resolve(address, { reference: first })
      return given === "[]" ? `[${value}]` : `[${value},${given.slice(1)}`
    } catch (cause) {
      if (!isFinal(cause)) throw cause
      return { as: "crashed", text: crashText("InputUnavailable", cause) }
    }
  }

  /** A step interrupted by the stop of its worker costs no attempt: it is sent again and runs elsewhere. */
  async #giveBack(
    delivery: Delivery,
    message: CallMessage,
    slots: ReadonlyArray<string>
  ): Promise<void> {
    await this.#options.engine.broker.publish({
      subject: delivery.subject,
      body: packMessage({ ...message, again: true }, slots)
    })
    delivery.ack()
  }

  #verdict(
    at: Position,
    message: CallMessage,
    execution: Exclude<Execution, { readonly as: "plan" }>,
    began: number
  ): Verdict {
    const { engine } = this.#options
    const tags = {
      value: "Succeeded",
      failed: "Failed",
      crashed: "Crashed",
      timedOut: "TimedOut"
    } as const
    const tag = execution.as === "stopped" ? "Cancelled" : tags[execution.as]
    const text =
      execution.as === "stopped" ? JSON.stringify({ reason: "its scope ended" }) : execution.text
    return {
      tag,
      value: { text },
      step: message.step,
      attempt: message.attempt,
      worker: engine.worker,
      began,
      ended: engine.broker.now(),
      ...(tag === "Succeeded"
        ? {}
        : {
            decided: {
              step: message.step,
              task: message.task,
              attempt: message.attempt,
              place: describePosition(at)
            }
          })
    }
  }
}
