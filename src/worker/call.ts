/** Executes one call: one committed outcome, everything that follows from it, and only then the ack. */
import type { TaskDefinition } from "../define/definition.ts"
import { type CallMessage } from "../encode/message.ts"
import { packMessage, type Parcel } from "../encode/parcel.ts"
import { runIdOf, type SubjectParts } from "../encode/subjects.ts"
import type { Advancer } from "../engine/advancer.ts"
import { fenceOf, placeOf } from "../engine/frame.ts"
import type { Position, RunFacts } from "../engine/frame.ts"
import { nothing } from "../engine/value.ts"
import type { Delivery } from "../transport/broker.ts"
import { attempt, verdictOf, type AttemptOptions } from "./attempt.ts"
import type { WorkerLog } from "./log.ts"
import { bury, deadLetter, park, parkedBody } from "./parker.ts"
import { isDecided, isSettled, mayBeKnown, runIsOver } from "./past.ts"
import { positionOf, whyNotCall } from "./position.ts"
import { nextAttempt, resumeRetry, retry } from "./retrier.ts"
import { Alone, lossesOf, strike, type Losses } from "./strikes.ts"

/** A call that waited this long in its queue is worth a look at its scope before it begins, in milliseconds. */
const longWait = 250

/** Half the time after which an ended run is collected, in milliseconds. */
const longExecution = 60_000

export interface ReceiverOptions extends AttemptOptions {
  readonly advancer: Advancer
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  /** How many workers a call may cost before it is given up. */
  readonly crashes: number
  readonly log: WorkerLog
}

export class CallReceiver {
  readonly #options: ReceiverOptions
  readonly #suspects = new Alone()

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
    const suspicious = mayBeKnown(delivery, message) || message.attempt > 1
    // Not so for a second delivery: the first may have closed the scope and died before what follows was done.
    if (!suspicious && running.hasClosed(run.address.owner, message.run, message.scopes)) {
      return delivery.ack()
    }
    const waited = message.scopes.length > 0 && engine.broker.now() - delivery.at > longWait
    if (suspicious && (await runIsOver(engine, run))) return delivery.ack()
    const at = await positionOf(engine, run, message, slots[1])
    const wrong = typeof at === "string" ? at : whyNotCall(at, message, parts)
    if (typeof at === "string" || wrong !== undefined) {
      return bury(engine, log, delivery, run.address, wrong!)
    }
    if (suspicious && (await isSettled(engine, advancer, at))) return delivery.ack()
    if (suspicious && (await resumeRetry(engine, delivery, run, parcel))) return delivery.ack()
    if (waited && (await engine.records.outcome(run.address, fenceOf(at))) !== undefined) {
      return delivery.ack()
    }
    const task = tasks.get(message.task)
    if (task === undefined) {
      const body = parkedBody(message, slots)
      const wait = await park(engine, delivery, parts, message.step, message.parked ?? 0, body)
      return log.parked(message.task, "this worker does not serve it", wait)
    }
    const execute = (): Promise<void> => this.#execute(delivery, run, at, task, parcel, free)
    if (delivery.deliveries === 1) return execute()
    return this.#again(delivery, at, message, execute)
  }

  /** Executes a call of which executions were lost, unless too many were. */
  async #again(
    delivery: Delivery,
    at: Position,
    message: CallMessage,
    execute: () => Promise<void>
  ): Promise<void> {
    const { engine, running } = this.#options
    const { run } = at.frame
    const { crashes } = this.#options
    const losses = await lossesOf(engine, run, message)
    if (losses.count >= crashes) return this.#quarantine(delivery, at, message, losses)
    // Whose next loss would be its last runs without other suspects, so that none is given up for another's fault.
    const begin = async (): Promise<void> => {
      const { owner } = run.address
      const { deliveries } = delivery
      running.take(engine.broker, { owner, run: message.run, step: message.step, deliveries })
      await strike(engine, run, message, losses)
      return execute()
    }
    return losses.count === crashes - 1 ? this.#suspects.run(begin) : begin()
  }

  async #execute(
    delivery: Delivery,
    run: RunFacts,
    at: Position,
    task: TaskDefinition,
    parcel: Parcel<CallMessage>,
    free: () => void
  ): Promise<void> {
    const { engine, advancer, log } = this.#options
    const { message, slots } = parcel
    const id = runIdOf(run.address)
    const again = mayBeKnown(delivery, message)
    const place = placeOf(at)
    const leave =
      place.kind === "i" && place.index !== "_"
        ? engine.joiner.enter(run.address, place.node)
        : () => {}
    try {
      const began = engine.broker.now()
      log.started(id, message, delivery.deliveries)
      const { execution, hints } = await attempt(
        this.#options,
        run,
        task,
        parcel,
        delivery.deliveries
      )
      // No ack: it would take the call away from whoever executes it now.
      if (execution.as === "stopped" && execution.reason === "lost") return log.lost(id, message)
      if (execution.as === "stopped" && execution.reason === "draining") {
        return await this.#giveBack(delivery, message, slots)
      }
      // A run that failed meanwhile may have been collected, and its fences with it.
      const long = engine.broker.now() - began > longExecution
      if (long && (await runIsOver(engine, run))) return delivery.ack()
      if (execution.as === "plan") {
        const expansion = await engine.frames.replace(at, execution.text)
        log.ended(id, message, "replaced", engine.broker.now() - began)
        leave()
        // Another execution may have decided the step, or its scope have closed, before the expansion could be found.
        if (await isDecided(engine, advancer, at)) return delivery.ack()
        await advancer.begin({ frame: expansion, node: 0 }, nothing, {
          parent: message.step,
          again
        })
        return delivery.ack()
      }
      const policy = message.policy?.retry ?? task.retry
      const wait = nextAttempt(policy, message.attempt, execution, hints)
      if (wait !== undefined && "text" in execution) {
        const left = await retry(engine, delivery, run, parcel, execution, wait)
        log.retried(id, message, execution.text, left)
        return delivery.ack()
      }
      const offered = verdictOf(engine, at, message, execution, began)
      const { verdict, ours } = await engine.records.commit(run, place, offered)
      const told = verdict.tag === offered.tag ? offered.value : verdict.value
      log.ended(id, message, verdict.tag, verdict.ended - began, told)
      leave()
      free()
      // Whoever closed the scope does what follows; unless it was an execution of this very call, and died.
      if (execution.as !== "stopped" || !ours) {
        await advancer.advance(at, verdict, again || !ours)
      }
      delivery.ack()
    } finally {
      leave()
    }
  }

  /** A call that has cost enough workers their lives has its outcome without another execution. */
  async #quarantine(
    delivery: Delivery,
    at: Position,
    message: CallMessage,
    losses: Losses
  ): Promise<void> {
    const { engine, advancer, log } = this.#options
    const { run } = at.frame
    const workers = losses.workers.length === 0 ? "" : ` (${losses.workers.join(", ")} among them)`
    const words = `${message.task} was begun ${losses.count} times by workers that died or lost the connection before it ended${workers}, so it is not begun again`
    await deadLetter(engine, delivery, run.address, message.step, words)
    const text = JSON.stringify({ name: "WorkerLost", message: words })
    const offered = verdictOf(engine, at, message, { as: "crashed", text }, engine.broker.now())
    const { verdict } = await engine.records.commit(run, placeOf(at), offered)
    log.ended(runIdOf(run.address), message, verdict.tag, 0, offered.value)
    await advancer.advance(at, verdict, true)
    delivery.ack()
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
}
